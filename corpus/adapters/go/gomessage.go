package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
)

var goMessageFields = object{
	"address.list":              []string{"mailboxes", "count"},
	"header.text":               []string{"text", "lines", "characters"},
	"header.date":               []string{"epoch", "offset"},
	"header.filename":           []string{"filename", "done"},
	"header.message-ids":        []string{"ids"},
	"mime.parse":                []string{"tree", "leaves", "attachments", "contains", "done"},
	"encoding.base64":           []string{"base64"},
	"encoding.quoted-printable": []string{"base64"},
	"charset.decode":            []string{"text"},
}

func read(before string, octets []byte, after string) (*message.Entity, error) {
	found, err := message.Read(around(before, octets, after))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, err
	}
	return found, nil
}

func header(name string, octets []byte) (mail.Header, error) {
	found, err := read(name+": ", octets, "\r\n\r\n")
	if err != nil {
		return mail.Header{}, err
	}
	return mail.Header{Header: found.Header}, nil
}

type gathered struct {
	leaves, attachments []object
	contains            bool
}

// walk reads an entity and its parts. A message within is read as one.
func walk(entity *message.Entity, all *gathered, marker []byte) (object, error) {
	kind, _, _ := entity.Header.ContentType()
	if kind == "" {
		kind = "text/plain"
	}
	kind = strings.ToLower(kind)
	if parts := entity.MultipartReader(); parts != nil {
		children := []object{}
		for {
			part, err := parts.NextPart()
			if err == io.EOF {
				return object{"type": kind, "parts": children}, nil
			}
			if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return nil, err
			}
			child, err := walk(part, all, marker)
			if err != nil {
				return nil, err
			}
			children = append(children, child)
		}
	}
	content, err := io.ReadAll(entity.Body)
	if err != nil {
		return nil, err
	}
	if kind == "message/rfc822" || kind == "message/global" {
		inner, err := read("", content, "")
		if err != nil {
			return nil, err
		}
		child, err := walk(inner, all, marker)
		return object{"type": kind, "parts": []object{child}}, err
	}
	all.leaves = append(all.leaves, object{"type": kind, "base64": encode(content)})
	all.contains = all.contains || bytes.Contains(content, marker)
	disposition, params, _ := entity.Header.ContentDisposition()
	if disposition == "attachment" {
		name, isThere := params["filename"]
		if _, named, _ := entity.Header.ContentType(); !isThere && named["name"] != "" {
			name, isThere = named["name"], true
		}
		all.attachments = append(all.attachments, object{"type": kind, "filename": name, "base64": encode(content)})
	}
	return object{"type": kind}, nil
}

func decoded(encoding string) operation {
	return func(octets []byte, _ object) (object, error) {
		head := "Content-Type: multipart/mixed; boundary=delimiter\r\n\r\n--delimiter\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n"
		entity, err := read(head, octets, "\r\n--delimiter--\r\n")
		if err != nil {
			return nil, err
		}
		part, err := entity.MultipartReader().NextPart()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part.Body)
		return object{"base64": encode(content)}, err
	}
}

var goMessage = map[string]operation{
	"address.list": func(octets []byte, _ object) (object, error) {
		head, err := header("To", octets)
		if err != nil {
			return nil, err
		}
		list, err := head.AddressList("To")
		return mailboxesOf(list), err
	},
	"header.text": func(octets []byte, _ object) (object, error) {
		head, err := header("Subject", octets)
		if err != nil {
			return nil, err
		}
		text, err := head.Subject()
		return textValue(text), err
	},
	"header.date": func(octets []byte, _ object) (object, error) {
		head, err := header("Date", octets)
		if err != nil {
			return nil, err
		}
		date, err := head.Date()
		_, seconds := date.Zone()
		return object{"epoch": date.Unix(), "offset": seconds / 60}, err
	},
	"header.filename": func(octets []byte, _ object) (object, error) {
		entity, err := read("Content-Disposition: ", octets, "\r\n\r\n")
		if err != nil {
			return nil, err
		}
		_, params, err := entity.Header.ContentDisposition()
		if name, isThere := params["filename"]; isThere {
			return object{"filename": name, "done": true}, err
		}
		return object{"filename": nil, "done": true}, err
	},
	"header.message-ids": func(octets []byte, _ object) (object, error) {
		head, err := header("References", octets)
		if err != nil {
			return nil, err
		}
		ids, err := head.MsgIDList("References")
		return object{"ids": ids}, err
	},
	"mime.parse": func(octets []byte, params object) (object, error) {
		entity, err := read("", octets, "")
		if err != nil {
			return nil, err
		}
		marker, _ := params["marker"].(string)
		all := gathered{leaves: []object{}, attachments: []object{}}
		tree, err := walk(entity, &all, []byte(marker))
		return object{"tree": tree, "leaves": all.leaves, "attachments": all.attachments, "contains": all.contains, "done": true}, err
	},
	"encoding.base64":           decoded("base64"),
	"encoding.quoted-printable": decoded("quoted-printable"),
	"charset.decode": func(octets []byte, params object) (object, error) {
		head := "Content-Type: text/plain; charset=\"" + params["charset"].(string) + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		entity, err := message.Read(around(head, []byte(encode(octets)), ""))
		if err != nil {
			return object{"text": nil}, nil
		}
		content, err := io.ReadAll(entity.Body)
		return object{"text": string(content)}, err
	},
}
