// Go's net/mail, go-message and go-msgauth as adapters: corpus-go net-mail|go-message|go-msgauth
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

type object = map[string]any

// Answer is the value, or why there is none.
type operation func(octets []byte, params object) (object, error)

type question struct {
	ID     string
	Op     string
	Input  struct{ Base64 string }
	Params object
}

func versionOf(path string) string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return strings.TrimPrefix(runtime.Version(), "go")
}

func around(before string, octets []byte, after string) *bytes.Reader {
	return bytes.NewReader(append(append([]byte(before), octets...), after...))
}

func encode(octets []byte) string { return base64.StdEncoding.EncodeToString(octets) }

// ask runs one operation; a panic is told as one, and the process goes on.
func ask(run operation, octets []byte, params object) (value object, err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("panic: %v", found)
		}
	}()
	return run(octets, params)
}

func main() {
	name := "net-mail"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	version, fields, operations := versionOf("std"), netMailFields, netMail
	switch name {
	case "go-message":
		version, fields, operations = versionOf("github.com/emersion/go-message"), goMessageFields, goMessage
	case "go-msgauth":
		version, fields, operations = versionOf("github.com/emersion/go-msgauth"), goMsgauthFields, goMsgauth
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	_ = out.Encode(object{"hello": object{"name": name, "version": version, "language": "Go", "ops": fields}})
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked question
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		octets, _ := base64.StdEncoding.DecodeString(asked.Input.Base64)
		value, err := ask(operations[asked.Op], octets, asked.Params)
		if err != nil {
			_ = out.Encode(object{"id": asked.ID, "outcome": "reject", "reason": err.Error()})
		} else {
			_ = out.Encode(object{"id": asked.ID, "outcome": "accept", "value": value})
		}
	}
}
