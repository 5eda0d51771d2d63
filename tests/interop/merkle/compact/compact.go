// Package compact passes on the tagged release.
package compact

import tagged "tagged.example/merkle/compact"

type (
	NodeID       = tagged.NodeID
	Range        = tagged.Range
	RangeFactory = tagged.RangeFactory
	VisitFn      = tagged.VisitFn
)

var (
	Decompose  = tagged.Decompose
	NewNodeID  = tagged.NewNodeID
	RangeNodes = tagged.RangeNodes
	RangeSize  = tagged.RangeSize
)
