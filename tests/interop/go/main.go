// Sends the token requests of a file of cases with golang.org/x/oauth2/clientcredentials, unmodified.
//
//	stock-client LIBRARY CASES.json
//
// prints a JSON line for each case: outcome is `token`, `refused` (the library reports invalid_client),
// `throttled` (it reports 429) or `error` with a text. Of a token only the claims are printed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type testCase struct {
	Number   int    `json:"case"`
	Method   string `json:"method"`
	ClientID string `json:"client_id"`
	Secret   string `json:"secret"`
	Scope    string `json:"scope"`
	Resource string `json:"resource"`
}

type result struct {
	Number  int    `json:"case"`
	Outcome string `json:"outcome"`
	Claims  string `json:"claims,omitempty"`
	Text    string `json:"text,omitempty"`
}

var styles = map[string]oauth2.AuthStyle{
	"default":             oauth2.AuthStyleAutoDetect,
	"client_secret_basic": oauth2.AuthStyleInHeader,
	"client_secret_post":  oauth2.AuthStyleInParams,
}

func send(endpoint string, asked testCase) result {
	style, known := styles[asked.Method]
	if !known {
		panic("unknown method " + asked.Method)
	}
	// A configuration of its own for each case: the library remembers the style that worked.
	config := clientcredentials.Config{
		ClientID: asked.ClientID, ClientSecret: asked.Secret, TokenURL: endpoint, AuthStyle: style,
		Scopes: strings.Fields(asked.Scope),
	}
	if asked.Resource != "" {
		config.EndpointParams = url.Values{"resource": {asked.Resource}}
	}
	token, err := config.Token(context.Background())
	var refusal *oauth2.RetrieveError
	switch {
	case err == nil:
		return result{asked.Number, "token", strings.Split(token.AccessToken, ".")[1], ""}
	case errors.As(err, &refusal) && refusal.ErrorCode == "invalid_client":
		return result{asked.Number, "refused", "", ""}
	case errors.As(err, &refusal) && refusal.Response.StatusCode == 429:
		return result{asked.Number, "throttled", "", ""}
	default:
		return result{asked.Number, "error", "", err.Error()}
	}
}

func main() {
	var asked struct {
		TokenEndpoint string     `json:"token_endpoint"`
		Cases         []testCase `json:"cases"`
	}
	text, err := os.ReadFile(os.Args[2])
	if err == nil {
		err = json.Unmarshal(text, &asked)
	}
	if err != nil {
		panic(err)
	}
	lines := json.NewEncoder(os.Stdout)
	for _, each := range asked.Cases {
		if err := lines.Encode(send(asked.TokenEndpoint, each)); err != nil {
			panic(err)
		}
	}
}
