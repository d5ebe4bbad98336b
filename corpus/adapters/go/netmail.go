package main

import (
	"mime"
	"net/mail"
	"strings"
	"unicode/utf16"
)

var netMailFields = object{
	"address.list":    []string{"mailboxes", "count"},
	"address.mailbox": []string{"local", "domain"},
	"header.text":     []string{"text", "lines", "characters"},
	"header.date":     []string{"epoch", "offset"},
	"header.filename": []string{"filename", "done"},
}

func mailboxesOf(list []*mail.Address) object {
	found := []object{}
	for _, each := range list {
		found = append(found, object{"name": each.Name, "address": each.Address})
	}
	return object{"mailboxes": found, "count": len(found)}
}

func textValue(text string) object {
	lines := len(strings.FieldsFunc("x"+text+"x", func(sign rune) bool { return sign == '\r' || sign == '\n' || sign == 0 }))
	return object{"text": text, "lines": lines, "characters": len(utf16.Encode([]rune(text)))}
}

var netMail = map[string]operation{
	"address.list": func(octets []byte, _ object) (object, error) {
		message, err := mail.ReadMessage(around("To: ", octets, "\r\n\r\n"))
		if err != nil {
			return nil, err
		}
		list, err := message.Header.AddressList("To")
		if err != nil {
			return nil, err
		}
		return mailboxesOf(list), nil
	},
	"address.mailbox": func(octets []byte, _ object) (object, error) {
		found, err := mail.ParseAddress("<" + string(octets) + ">")
		if err != nil {
			return nil, err
		}
		at := strings.LastIndex(found.Address, "@")
		return object{"local": found.Address[:at], "domain": found.Address[at+1:]}, nil
	},
	"header.text": func(octets []byte, _ object) (object, error) {
		message, err := mail.ReadMessage(around("Subject: ", octets, "\r\n\r\n"))
		if err != nil {
			return nil, err
		}
		text, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		return textValue(text), err
	},
	"header.date": func(octets []byte, _ object) (object, error) {
		message, err := mail.ReadMessage(around("Date: ", octets, "\r\n\r\n"))
		if err != nil {
			return nil, err
		}
		date, err := message.Header.Date()
		if err != nil {
			return nil, err
		}
		_, seconds := date.Zone()
		return object{"epoch": date.Unix(), "offset": seconds / 60}, nil
	},
	"header.filename": func(octets []byte, _ object) (object, error) {
		message, err := mail.ReadMessage(around("Content-Disposition: ", octets, "\r\n\r\n"))
		if err != nil {
			return nil, err
		}
		_, params, err := mime.ParseMediaType(message.Header.Get("Content-Disposition"))
		if err != nil {
			return nil, err
		}
		name, isThere := params["filename"]
		if !isThere {
			return object{"filename": nil, "done": true}, nil
		}
		return object{"filename": name, "done": true}, nil
	},
}
