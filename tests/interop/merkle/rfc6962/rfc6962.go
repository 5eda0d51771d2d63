// Package rfc6962 passes on the tagged release.
package rfc6962

import tagged "tagged.example/merkle/rfc6962"

type Hasher = tagged.Hasher

var DefaultHasher = tagged.DefaultHasher
