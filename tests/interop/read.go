package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// site reads a log over HTTP as tlog-tiles lays it out. It is a tlog.TileReader that keeps what it was told to keep,
// which is what was found to belong to the tree.
type site struct {
	base string
	kept map[tlog.Tile][]byte
}

func (s site) get(path, contentType string) ([]byte, error) {
	answer, err := http.Get(s.base + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", path, answer.StatusCode)
	}
	if got := answer.Header.Get("Content-Type"); got != contentType {
		return nil, fmt.Errorf("%s: content type %q", path, got)
	}
	return io.ReadAll(answer.Body)
}

func (s site) Height() int { return tileHeight }

func (s site) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for at, tile := range tiles {
		s.kept[tile] = data[at]
	}
}

func (s site) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		if data, known := s.kept[tile]; known {
			all = append(all, data)
			continue
		}
		// x/mod names the height in the path, tlog-tiles does not.
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
		data, err := s.get(path, "application/octet-stream")
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// entries reads the bundle with the entries from first on.
func (s site) entries(first, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(min(size-first, 1<<tileHeight))}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", tileHeight), "tile/entries/", 1)
	data, err := s.get(path, "application/octet-stream")
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("bundle cut off")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found = append(found, data[2:end])
		data = data[end:]
	}
	return found, nil
}

// openCheckpoint checks the log's signature and reads the head.
func openCheckpoint(raw []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("checkpoint of another form: %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// included checks that entries are the tree's leaves from first on. The reader takes no hash that does not lead to the
// root; proofs in the form that is handed out are made and checked for the first and last of them.
func included(tree tlog.Tree, hashes tlog.HashReader, first int64, entries [][]byte) error {
	var places []int64
	for at := range entries {
		places = append(places, tlog.StoredHashIndex(0, first+int64(at)))
	}
	leaves, err := hashes.ReadHashes(places)
	if err != nil {
		return err
	}
	for at, entry := range entries {
		if leaves[at] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d is not the tree's", first+int64(at))
		}
	}
	for _, at := range []int{0, len(entries) - 1} {
		index := first + int64(at)
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[at])); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

func read(_ context.Context, args []string) error {
	log := site{strings.TrimSuffix(args[0], "/"), map[tlog.Tile][]byte{}}
	verifier, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	raw, err := log.get("checkpoint", "text/plain; charset=utf-8")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(raw, verifier)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, log)
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		entries, err := log.entries(first, tree.N)
		if err != nil {
			return err
		}
		if err := included(tree, hashes, first, entries); err != nil {
			return err
		}
		if want := min(tree.N-first, 1<<tileHeight); int64(len(entries)) != want {
			return fmt.Errorf("bundle at %d has %d entries, not %d", first, len(entries), want)
		}
	}
	fmt.Printf("%d entries included\n", tree.N)
	if len(args) == 2 {
		return nil
	}
	oldRaw, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	old, err := openCheckpoint(bytes.Clone(oldRaw), verifier)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return err
	}
	fmt.Printf("consistent with %d\n", old.N)
	return nil
}
