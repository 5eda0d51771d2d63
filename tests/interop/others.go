package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	f_note "github.com/transparency-dev/formats/note"
	f_proof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"github.com/transparency-dev/tessera/storage/posix"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(ctx context.Context, args []string) error {
	base, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	fetcher, err := client.NewHTTPFetcher(base, nil)
	if err != nil {
		return err
	}
	leaves := func(raw []byte) ([][]byte, error) {
		bundle := api.EntryBundle{}
		if err := bundle.UnmarshalText(raw); err != nil {
			return nil, err
		}
		hashes := make([][]byte, 0, len(bundle.Entries))
		for _, entry := range bundle.Entries {
			hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
		}
		return hashes, nil
	}
	if err := fsck.New(verifier.Name(), verifier, fetcher, leaves, fsck.Opts{N: 2}).Check(ctx); err != nil {
		return err
	}
	fmt.Println("fsck passed")
	return nil
}

func prove(_ context.Context, args []string) error {
	raw, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	watcher, err := f_note.NewVerifierForCosignatureV1(args[2])
	if err != nil {
		return err
	}
	var proof f_proof.TLogProof
	if err := proof.Unmarshal(raw); err != nil {
		return err
	}
	if string(proof.Marshal()) != string(raw) {
		return fmt.Errorf("the file has another spelling")
	}
	opened, err := note.Open(proof.Checkpoint, note.VerifierList(log, watcher))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != 2 {
		return fmt.Errorf("%d good signatures, not the log's and the witness's", len(opened.Sigs))
	}
	tree, err := openCheckpoint(proof.Checkpoint, log)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, hash := range proof.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, int64(proof.Index), tlog.RecordHash([]byte(args[3]))); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d\n", proof.Index, tree.N)
	return nil
}

func serve(ctx context.Context, args []string) error {
	skey, vkey, err := note.GenerateKey(nil, args[0])
	if err != nil {
		return err
	}
	signer, err := f_note.NewSignerForCosignatureV1(skey)
	if err != nil {
		return err
	}
	vkey, err = f_note.VKeyToCosignatureV1(vkey)
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	watcher, err := witness.New(ctx, witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return log, origin == log.Name(), nil
		},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(watcher).AddCheckpoint)
	go func() { _ = http.Serve(listener, mux) }()
	told := map[string]string{"vkey": vkey, "url": "http://" + listener.Addr().String()}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func publish(ctx context.Context, args []string) error {
	signer, err := note.NewSigner(args[1])
	if err != nil {
		return err
	}
	address, err := url.Parse(args[2])
	if err != nil {
		return err
	}
	watcher, err := tessera.NewWitness(args[3], address)
	if err != nil {
		return err
	}
	driver, err := posix.New(ctx, posix.Config{Path: args[0]})
	if err != nil {
		return err
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(16, 10*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(tessera.NewWitnessGroup(1, watcher), nil)
	log, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		return err
	}
	published := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
	for number := range 12 {
		entry := tessera.NewEntry(fmt.Appendf(nil, "entry %d", number))
		if _, _, err := published.Await(ctx, log.Add(ctx, entry)); err != nil {
			return err
		}
	}
	checkpoint, err := reader.ReadCheckpoint(ctx)
	if err != nil {
		return err
	}
	fmt.Print(string(checkpoint))
	return shutdown(ctx)
}
