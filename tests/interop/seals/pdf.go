package main

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/smallstep/pkcs7"
)

var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// judgePDF checks every signature of a PDF (ISO 32000-2, 12.8.1): what its byte range covers, the CMS in the gap, and
// that the last one covers the whole file.
func judgePDF(file string, root []byte) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(root)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(certificate)
	found := byteRange.FindAllSubmatch(data, -1)
	end := 0
	for _, numbers := range found {
		var span [4]int
		for index := range span {
			if span[index], err = strconv.Atoi(string(numbers[index+1])); err != nil {
				return err
			}
		}
		end = span[2] + span[3]
		if span[0] != 0 || span[1] > span[2] || end > len(data) {
			return fmt.Errorf("byte range %v", span)
		}
		if err := judgeCMS(data, span, trusted); err != nil {
			return err
		}
	}
	if len(found) == 0 || end != len(data) {
		return fmt.Errorf("%d signatures, %d of %d bytes covered", len(found), end, len(data))
	}
	return nil
}

func judgeCMS(data []byte, span [4]int, trusted *x509.CertPool) error {
	gap := bytes.Trim(data[span[1]:span[2]], "<>")
	der := make([]byte, len(gap)/2)
	if _, err := hex.Decode(der, gap); err != nil {
		return err
	}
	message, err := pkcs7.Parse(bytes.TrimRight(der, "\x00"))
	if err != nil {
		return err
	}
	message.Content = append(append([]byte{}, data[:span[1]]...), data[span[2]:span[2]+span[3]]...)
	if err := message.VerifyWithChain(trusted); err != nil {
		return err
	}
	fmt.Printf("holds: %s, %d bytes\n", message.GetOnlySigner().Subject.Organization[0], len(message.Content))
	return nil
}
