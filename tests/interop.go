// SPDX-License-Identifier: GPL-3.0-or-later

// interop checks a station's tree with golang.org/x/mod/sumdb: signature,
// entries, tiles, and proofs that tool_tree made. See interop.sh. As "interop
// speed" it says how fast it is itself, for bench_tree.sh.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

func must(err error) {
	if err != nil {
		fmt.Println("WRONG:", err)
		os.Exit(1)
	}
}

func fail(format string, args ...interface{}) {
	must(fmt.Errorf(format, args...))
}

func read(name string) []byte {
	b, err := os.ReadFile(name)
	must(err)
	return b
}

// store has all hashes of a tree, in the order of tlog.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out[i] = s[x]
	}
	return out, nil
}

// path is where a tile lies below the tree: as tlog says, without its height.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

func entries(dir string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*width < size; n++ {
		w := int64(width)
		if size-n*width < w {
			w = size - n*width
		}
		t := tlog.Tile{H: 8, L: 0, N: n, W: int(w)}
		b := read(dir + "/" +
			strings.Replace(path(t), "tile/0/", "tile/entries/", 1))
		if w == width {
			z, err := gzip.NewReader(bytes.NewReader(b))
			must(err)
			b, err = io.ReadAll(z)
			must(err)
		}
		for i := int64(0); i < w; i++ {
			k := int(binary.BigEndian.Uint16(b))
			all = append(all, b[2:2+k])
			b = b[2+k:]
		}
		if len(b) != 0 {
			fail("bytes are left in entry bundle %d", n)
		}
	}
	return all
}

func checkTiles(dir string, size int64, s store) int {
	count := 0
	for level := 0; size>>(8*level) > 0; level++ {
		all := size >> (8 * level)
		for n := int64(0); n*width < all; n++ {
			w := int64(width)
			if all-n*width < w {
				w = all - n*width
			}
			t := tlog.Tile{H: 8, L: level, N: n, W: int(w)}
			want, err := tlog.ReadTileData(t, s)
			must(err)
			if !bytes.Equal(read(dir+"/"+path(t)), want) {
				fail("%s differs", path(t))
			}
			count++
		}
	}
	return count
}

// lines calls f with the numbers and the hashes of each line.
func lines(name string, numbers int, f func(x []int64, h []tlog.Hash)) int {
	file, err := os.Open(name)
	must(err)
	count := 0
	for in := bufio.NewScanner(file); in.Scan(); count++ {
		var x []int64
		var h []tlog.Hash
		for i, word := range strings.Fields(in.Text()) {
			if i < numbers {
				n, err := strconv.ParseInt(word, 10, 64)
				must(err)
				x = append(x, n)
				continue
			}
			b, err := base64.StdEncoding.DecodeString(word)
			must(err)
			var one tlog.Hash
			copy(one[:], b)
			h = append(h, one)
		}
		f(x, h)
	}
	return count
}

// proofs checks each of those that stand one behind the other in a file.
func proofs(name string, key note.Verifier) int {
	const head = "c2sp.org/tlog-proof@v1\n"
	all := strings.Split("\n"+string(read(name)), "\n"+head)
	for _, text := range all[1:] {
		at := strings.Index(text, "\n\n")
		if at < 0 {
			fail("no checkpoint in a proof")
		}
		// The next one's head has taken the last line feed.
		checkpoint := strings.TrimSuffix(text[at+2:], "\n") + "\n"
		signed, err := note.Open([]byte(checkpoint), note.VerifierList(key))
		must(err)
		tree := strings.Split(signed.Text, "\n")
		size, err := strconv.ParseInt(tree[1], 10, 64)
		must(err)
		root, err := tlog.ParseHash(tree[2])
		must(err)
		rows := strings.Split(text[:at], "\n")
		record, err := base64.StdEncoding.DecodeString(
			strings.TrimPrefix(rows[0], "extra "))
		must(err)
		index, err := strconv.ParseInt(
			strings.TrimPrefix(rows[1], "index "), 10, 64)
		must(err)
		var path tlog.RecordProof
		for _, row := range rows[2:] {
			h, err := tlog.ParseHash(row)
			must(err)
			path = append(path, h)
		}
		must(tlog.CheckRecord(path, size, root, index,
			tlog.RecordHash(record)))
	}
	return len(all) - 1
}

// processor is the time that we have used of it, in seconds.
func processor() float64 {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Sec+u.Stime.Sec) +
		float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// speed says how many records of 300 bytes a second become a tree.
func speed() {
	const n = 200000
	record := bytes.Repeat([]byte("x"), 300)
	var s store
	from := processor()
	for i := int64(0); i < n; i++ {
		binary.BigEndian.PutUint64(record, uint64(i))
		h, err := tlog.StoredHashes(i, record, s)
		must(err)
		s = append(s, h...)
	}
	_, err := tlog.TreeHash(n, s)
	must(err)
	fmt.Printf("%.0f\n", n/(processor()-from))
}

func main() {
	if os.Args[1] == "speed" {
		speed()
		return
	}
	dir := os.Args[1]
	key, err := note.NewVerifier(
		strings.TrimSpace(string(read(dir + "/vkey"))))
	must(err)
	signed, err := note.Open(read(dir+"/checkpoint"), note.VerifierList(key))
	must(err)
	head := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(head[1], 10, 64)
	must(err)
	if head[0] != key.Name() {
		fail("the origin is %s, the key's name %s", head[0], key.Name())
	}

	var s store
	roots := []tlog.Hash{{}}
	records := entries(dir, size)
	for i, record := range records {
		h, err := tlog.StoredHashes(int64(i), record, s)
		must(err)
		s = append(s, h...)
		root, err := tlog.TreeHash(int64(i+1), s)
		must(err)
		roots = append(roots, root)
	}
	if roots[size].String() != head[2] {
		fail("the root is %s, signed is %s", roots[size], head[2])
	}
	tiles := checkTiles(dir, size, s)
	included := lines(os.Args[2], 1, func(x []int64, h []tlog.Hash) {
		must(tlog.CheckRecord(tlog.RecordProof(h), size, roots[size],
			x[0], tlog.RecordHash(records[x[0]])))
	})
	if int64(included) != size {
		fail("%d proofs for %d entries", included, size)
	}
	pairs := lines(os.Args[3], 2, func(x []int64, h []tlog.Hash) {
		must(tlog.CheckTree(tlog.TreeProof(h), x[1], roots[x[1]],
			x[0], roots[x[0]]))
	})
	proved := proofs(os.Args[4], key)
	if proved == 0 {
		fail("no proofs")
	}
	fmt.Printf("golang.org/x/mod: signature, %d entries, %d tiles, "+
		"%d inclusions, %d pairs of sizes, %d proofs of airings: "+
		"all as signed\n",
		size, tiles, included, pairs, proved)
}
