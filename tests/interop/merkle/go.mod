module github.com/transparency-dev/merkle

go 1.24

require tagged.example/merkle v0.0.2
