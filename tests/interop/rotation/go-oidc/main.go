// go-oidc as a resource server has it, one token a line: `accepted`, `unknown key`, or `failed` with the reason.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

func main() {
	var settings struct {
		KeySet   string `json:"jwks_uri"`
		Issuer   string `json:"issuer"`
		Audience string `json:"audience"`
		Leeway   int    `json:"leeway_seconds"`
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &settings); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	background := context.Background()
	earlier := func() time.Time { return time.Now().Add(-time.Duration(settings.Leeway) * time.Second) }
	verifier := oidc.NewVerifier(settings.Issuer, oidc.NewRemoteKeySet(background, settings.KeySet),
		&oidc.Config{ClientID: settings.Audience, Now: earlier})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		_, err := verifier.Verify(background, lines.Text())
		switch {
		case err == nil:
			fmt.Println("accepted")
		case strings.Contains(err.Error(), "failed to verify id token signature"):
			fmt.Println("unknown key")
		default:
			fmt.Println("failed", strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
}
