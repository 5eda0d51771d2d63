module cailian.example/seals

go 1.26.0

require github.com/emmansun/gmsm v0.15.5

require (
	github.com/smallstep/pkcs7 v0.2.3
	golang.org/x/crypto v0.53.0 // indirect
	golang.org/x/sys v0.46.0 // indirect
)
