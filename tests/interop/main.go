// Command interop lets strangers' tools judge a node: golang.org/x/mod, which checks Go's own module log, and the
// modules of transparency-dev, which run public logs and witnesses. None of it shares code with what it judges.
//
//	interop read BASE VKEY [OLD-CHECKPOINT-FILE]   every entry included, and consistent with an older checkpoint
//	interop fsck BASE VKEY                         the whole log recomputed by tessera's fsck
//	interop proof FILE LOG-VKEY WITNESS-VKEY ENTRY a .tlog-proof checked
//	interop witness NAME LOG-VKEY                  a witness on loopback, until standard input ends
//	interop log DIR SKEY WITNESS-URL WITNESS-VKEY  a tessera log that publishes what the witness cosigned
package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

var commands = map[string]struct {
	least int
	run   func(ctx context.Context, args []string) error
}{
	"read":    {2, read},
	"fsck":    {2, check},
	"proof":   {4, prove},
	"witness": {2, serve},
	"log":     {4, publish},
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: interop COMMAND ...")
		os.Exit(2)
	}
	command, known := commands[os.Args[1]]
	if !known || len(os.Args)-2 < command.least {
		fmt.Fprintln(os.Stderr, "unknown command, or too few arguments")
		os.Exit(2)
	}
	if err := command.run(ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
