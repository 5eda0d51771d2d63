// Command seals lets strangers' code judge our sealed licences: smallstep's pkcs7 the PDF, gmsm the OFD.
//
//	seals pdf FILE ROOT.der   every signature: byte range, CMS, certificates
//	seals ofd FILE ROOT.der   every seal of GB/T 38540-2020: digests, seal, signature, certificates
//
// The structures of GB/T 38540 are declared here once more, from the standard and not from the code under test.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: seals pdf|ofd FILE ROOT.der")
		os.Exit(2)
	}
	root, err := os.ReadFile(os.Args[3])
	if err == nil {
		switch os.Args[1] {
		case "pdf":
			err = judgePDF(os.Args[2], root)
		case "ofd":
			err = judgeOFD(os.Args[2], root)
		default:
			err = fmt.Errorf("unknown command")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
