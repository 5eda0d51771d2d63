package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"encoding/asn1"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"
)

// GB/T 38540-2020, 6.1 and 7.1.
type sesSeal struct {
	Info      asn1.RawValue
	Cert      []byte
	Algorithm asn1.ObjectIdentifier
	Signature asn1.BitString
}

type sealBody struct {
	Info      asn1.RawValue
	Cert      []byte
	Algorithm asn1.ObjectIdentifier
}

type sealInfo struct {
	Header struct {
		ID      string `asn1:"ia5"`
		Version int
		Vid     string `asn1:"ia5"`
	}
	EsID     string `asn1:"ia5"`
	Property struct {
		Type                       int
		Name                       string `asn1:"utf8"`
		ListType                   int
		Certs                      [][]byte
		Created, ValidFrom, Expiry time.Time `asn1:"generalized"`
	}
	Picture struct {
		Type          string `asn1:"ia5"`
		Data          []byte
		Width, Height int
	}
}

type toSign struct {
	Version      int
	Seal         sesSeal
	Time         time.Time `asn1:"generalized"`
	DataHash     asn1.BitString
	PropertyInfo string `asn1:"ia5"`
}

type sesSignature struct {
	ToSign    asn1.RawValue
	Cert      []byte
	Algorithm asn1.ObjectIdentifier
	Signature asn1.BitString
}

type signatures struct {
	Signature []struct {
		BaseLoc string `xml:"BaseLoc,attr"`
	}
}

type signature struct {
	References struct {
		Reference []struct {
			FileRef    string `xml:"FileRef,attr"`
			CheckValue string
		}
	} `xml:"SignedInfo>References"`
	SignedValue string
}

func judgeOFD(file string, root []byte) error {
	parts, err := unzip(file)
	if err != nil {
		return err
	}
	var listed signatures
	if err := xml.Unmarshal(parts["Doc_0/Signs/Signatures.xml"], &listed); err != nil {
		return err
	}
	for _, each := range listed.Signature {
		if err := judgeSeal(parts, strings.TrimPrefix(each.BaseLoc, "/"), root); err != nil {
			return err
		}
	}
	if len(listed.Signature) == 0 {
		return fmt.Errorf("no seal")
	}
	return nil
}

func judgeSeal(parts map[string][]byte, path string, root []byte) error {
	var said signature
	if err := xml.Unmarshal(parts[path], &said); err != nil {
		return err
	}
	for _, reference := range said.References.Reference {
		sum := sm3.Sum(parts[strings.TrimPrefix(reference.FileRef, "/")])
		if base64.StdEncoding.EncodeToString(sum[:]) != reference.CheckValue {
			return fmt.Errorf("%s was changed", reference.FileRef)
		}
	}
	var signed sesSignature
	if err := whole(parts[strings.TrimPrefix(said.SignedValue, "/")], &signed); err != nil {
		return err
	}
	var body toSign
	if err := whole(signed.ToSign.FullBytes, &body); err != nil {
		return err
	}
	sum := sm3.Sum(parts[path])
	if !bytes.Equal(sum[:], body.DataHash.Bytes) {
		return fmt.Errorf("the seal was set on something else")
	}
	if err := holds(signed.Cert, root, signed.ToSign.FullBytes, signed.Signature.Bytes); err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	made, err := asn1.Marshal(sealBody{body.Seal.Info, body.Seal.Cert, body.Seal.Algorithm})
	if err != nil {
		return err
	}
	if err := holds(body.Seal.Cert, root, made, body.Seal.Signature.Bytes); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	var info sealInfo
	if err := whole(body.Seal.Info.FullBytes, &info); err != nil {
		return err
	}
	fmt.Printf("holds: %s, version %d, %d parts, %s\n", info.Property.Name, body.Version,
		len(said.References.Reference), body.Time.Format(time.RFC3339))
	return nil
}

func holds(der, root, message, signature []byte) error {
	certificate, err := smx509.ParseCertificate(der)
	if err != nil {
		return err
	}
	above, err := smx509.ParseCertificate(root)
	if err != nil {
		return err
	}
	if err := certificate.CheckSignatureFrom(above); err != nil {
		return err
	}
	key, ok := certificate.PublicKey.(*ecdsa.PublicKey)
	if !ok || !sm2.VerifyASN1WithSM2(key, nil, message, signature) {
		return fmt.Errorf("SM2 does not verify")
	}
	return nil
}

func whole(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("trailing bytes")
	}
	return err
}

func unzip(file string) (map[string][]byte, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	parts := map[string][]byte{}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		if err != nil {
			return nil, err
		}
		if parts[entry.Name], err = io.ReadAll(reader); err != nil {
			return nil, err
		}
		reader.Close()
	}
	return parts, nil
}
