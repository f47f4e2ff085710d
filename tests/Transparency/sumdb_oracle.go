// The independent reading: golang.org/x/mod/sumdb, as the installed Go has it, makes logs, checks proofs and reads databases.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"example.com/check/sumdb"
	"example.com/check/sumdb/note"
	"example.com/check/sumdb/tlog"
)

type proof struct {
	Tree     bool
	Size     int64
	Root     tlog.Hash
	N        int64
	Hash     tlog.Hash
	Hashes   []tlog.Hash
}

type made struct {
	Stored  []tlog.Hash
	Roots   []tlog.Hash
	Proofs  []proof
	Tiles   map[string][]byte
	Records [][]byte
	Heads   [][]byte
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = m[x]
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	switch os.Args[1] {
	case "make":
		makeLog()
	case "check":
		check()
	case "look":
		look()
	case "prove":
		prove()
	}
}

// makeLog writes a log of 600 records with everything that x/mod makes of it, its heads signed with the key.
func makeLog() {
	const n = 600
	signer, err := note.NewSigner(os.Args[2])
	must(err)
	var log memory
	out := made{Tiles: map[string][]byte{}}
	for i := int64(0); i < n; i++ {
		text := []byte(fmt.Sprintf("record %d\nwith two lines\n", i))
		hashes, err := tlog.StoredHashes(i, text, log)
		must(err)
		log = append(log, hashes...)
		root, err := tlog.TreeHash(i+1, log)
		must(err)
		out.Roots = append(out.Roots, root)
		record, err := tlog.FormatRecord(i, text)
		must(err)
		out.Records = append(out.Records, record)
		for _, tile := range tlog.NewTiles(8, i, i+1) {
			data, err := tlog.ReadTileData(tile, log)
			must(err)
			out.Tiles[tile.Path()] = data
		}
	}
	out.Stored = log
	for _, size := range []int64{1, 2, 3, 7, 8, 100, 255, 256, 257, 511, 600} {
		root := out.Roots[size-1]
		for i := int64(0); i < size; i++ {
			p, err := tlog.ProveRecord(size, i, log)
			must(err)
			out.Proofs = append(out.Proofs, proof{false, size, root, i, log[tlog.StoredHashIndex(0, i)], p})
			t, err := tlog.ProveTree(size, i+1, log)
			must(err)
			out.Proofs = append(out.Proofs, proof{true, size, root, i + 1, out.Roots[i], t})
		}
		head, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: size, Hash: root}))}, signer)
		must(err)
		out.Heads = append(out.Heads, head)
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

type questions struct {
	Proofs  []proof
	Paths   []string
	Trees   [][]byte
	Records [][]byte
}

type answers struct {
	Proofs  []bool
	Paths   []string
	Trees   []string
	Records []string
}

// check says of each proof whether it holds, and of each text what it means or "".
func check() {
	var in questions
	must(json.NewDecoder(os.Stdin).Decode(&in))
	var out answers
	for _, p := range in.Proofs {
		if p.Tree {
			out.Proofs = append(out.Proofs, tlog.CheckTree(p.Hashes, p.Size, p.Root, p.N, p.Hash) == nil)
		} else {
			out.Proofs = append(out.Proofs, tlog.CheckRecord(p.Hashes, p.Size, p.Root, p.N, p.Hash) == nil)
		}
	}
	for _, path := range in.Paths {
		t, err := tlog.ParseTilePath(path)
		if err != nil {
			out.Paths = append(out.Paths, "")
		} else {
			out.Paths = append(out.Paths, fmt.Sprintf("%d %d %d %d", t.H, t.L, t.N, t.W))
		}
	}
	for _, text := range in.Trees {
		t, err := tlog.ParseTree(text)
		if err != nil {
			out.Trees = append(out.Trees, "")
		} else {
			out.Trees = append(out.Trees, fmt.Sprintf("%d %v", t.N, t.Hash))
		}
	}
	for _, text := range in.Records {
		id, record, rest, err := tlog.ParseRecord(text)
		if err != nil {
			out.Records = append(out.Records, "")
		} else {
			out.Records = append(out.Records, fmt.Sprintf("%d %x %d", id, record, len(text)-len(rest)))
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

// look asks Go's client for modules of a database that lies in a folder, or is served at an address.
func look() {
	ops := &folder{os.Args[2], os.Args[3], map[string][]byte{}, map[string][]byte{}}
	client := sumdb.NewClient(ops)
	for _, arg := range os.Args[4:] {
		path, version, _ := strings.Cut(arg, "@")
		lines, err := client.Lookup(path, version)
		must(err)
		for _, line := range lines {
			fmt.Println(line)
		}
	}
}

type folder struct {
	dir, key      string
	config, cache map[string][]byte
}

func (f *folder) ReadRemote(path string) ([]byte, error) {
	if !strings.HasPrefix(f.dir, "http") {
		return os.ReadFile(f.dir + path)
	}
	answer, err := http.Get(f.dir + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func (f *folder) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(f.key), nil
	}
	return f.config[file], nil
}

func (f *folder) WriteConfig(file string, old, new []byte) error {
	if string(f.config[file]) != string(old) {
		return sumdb.ErrWriteConflict
	}
	f.config[file] = new
	return nil
}

func (f *folder) ReadCache(file string) ([]byte, error) {
	if data, ok := f.cache[file]; ok {
		return data, nil
	}
	return nil, errors.New("not cached")
}

func (f *folder) WriteCache(file string, data []byte) { f.cache[file] = data }
func (f *folder) Log(msg string)                      {}
func (f *folder) SecurityError(msg string)            { fmt.Println(msg) }

// prove reads a c2sp.org/tlog-proof whose extra data are the record, and prints the record if the log's key signed a tree that has it.
func prove() {
	data, err := os.ReadFile(os.Args[2])
	must(err)
	head, checkpoint, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	var record []byte
	var index int64
	var hashes tlog.RecordProof
	for i, line := range lines {
		switch {
		case i == 0 && line == "c2sp.org/tlog-proof@v1":
		case i == 1 && strings.HasPrefix(line, "extra "):
			record, err = base64.StdEncoding.DecodeString(line[len("extra "):])
			must(err)
		case i == 2 && strings.HasPrefix(line, "index "):
			index, err = strconv.ParseInt(line[len("index "):], 10, 64)
			must(err)
		default:
			hash, err := tlog.ParseHash(line)
			must(err)
			hashes = append(hashes, hash)
		}
	}
	verifier, err := note.NewVerifier(os.Args[3])
	must(err)
	signed, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	must(err)
	text := strings.Split(signed.Text, "\n")
	if text[0] != verifier.Name() {
		must(fmt.Errorf("the checkpoint is of %s", text[0]))
	}
	size, err := strconv.ParseInt(text[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(text[2])
	must(err)
	must(tlog.CheckRecord(hashes, size, root, index, tlog.RecordHash(record)))
	fmt.Print(string(record))
}
