// An adapter in Go: go run adapter.go. Replace the call of mail.ParseDate by what you test.
package main

import (
	"bufio"
	"encoding/json"
	"net/mail"
	"os"
)

type object = map[string]any

func main() {
	out := json.NewEncoder(os.Stdout)
	ops := object{"header.date": []string{"epoch"}}
	out.Encode(object{"hello": object{"name": "template-go", "version": "1", "language": "Go", "ops": ops}})
	in := bufio.NewReader(os.Stdin)
	for line, err := in.ReadBytes('\n'); err == nil; line, err = in.ReadBytes('\n') {
		var asked struct {
			ID, Op string
			Input  struct{ Base64 []byte }
		}
		json.Unmarshal(line, &asked)
		if date, err := mail.ParseDate(string(asked.Input.Base64)); err != nil {
			out.Encode(object{"id": asked.ID, "outcome": "reject", "reason": err.Error()})
		} else {
			out.Encode(object{"id": asked.ID, "outcome": "accept", "value": object{"epoch": date.Unix()}})
		}
	}
}
