// Package proof passes on the tagged release, and refuses the one check that it does not know.
package proof

import (
	"errors"

	"github.com/transparency-dev/merkle"
	tagged "tagged.example/merkle/proof"
)

type (
	Nodes             = tagged.Nodes
	RootMismatchError = tagged.RootMismatchError
)

var (
	Consistency            = tagged.Consistency
	Inclusion              = tagged.Inclusion
	RootFromInclusionProof = tagged.RootFromInclusionProof
	VerifyConsistency      = tagged.VerifyConsistency
	VerifyInclusion        = tagged.VerifyInclusion
)

// VerifySubtreeConsistency serves a witness's optional sign-subtree call, which nobody makes here.
func VerifySubtreeConsistency(merkle.LogHasher, uint64, uint64, uint64, [][]byte, []byte, []byte) error {
	return errors.New("subtrees are not supported")
}
