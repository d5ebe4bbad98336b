package main

import (
	"bytes"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

var goMsgauthFields = object{"dkim.verify": []string{"result", "signatures"}}

type notThere struct{ isTemporary bool }

func (notThere) Error() string     { return "no such record" }
func (e notThere) Temporary() bool { return e.isTemporary }

// lookUp knows the names of a case and nothing else.
func lookUp(params object) func(string) ([]string, error) {
	zone, _ := params["zone"].(object)
	return func(name string) ([]string, error) {
		known := zone[strings.ToLower(strings.TrimSuffix(name, "."))]
		if known == "TIMEOUT" {
			return nil, notThere{true}
		}
		entry, _ := known.(object)
		if entry["TXT"] == "TIMEOUT" {
			return nil, notThere{true}
		}
		texts, _ := entry["TXT"].([]any)
		if len(texts) == 0 {
			return nil, notThere{false}
		}
		found := []string{}
		for _, each := range texts {
			found = append(found, each.(string))
		}
		return found, nil
	}
}

var goMsgauth = map[string]operation{
	"dkim.verify": func(octets []byte, params object) (object, error) {
		options := &dkim.VerifyOptions{LookupTXT: lookUp(params)}
		found, err := dkim.VerifyWithOptions(bytes.NewReader(octets), options)
		if err != nil {
			return nil, err
		}
		signatures, result := []object{}, "none"
		for _, each := range found {
			word := "fail"
			switch {
			case each.Err == nil:
				word = "pass"
			case dkim.IsTempFail(each.Err):
				word = "temperror"
			case dkim.IsPermFail(each.Err):
				word = "permerror"
			}
			signatures = append(signatures, object{"result": word})
			if result == "none" || word == "pass" {
				result = word
			}
		}
		return object{"result": result, "signatures": signatures}, nil
	},
}
