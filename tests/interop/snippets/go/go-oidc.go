// The verifier snippet: reads a token a line, and answers a line each.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

func verify(ctx context.Context, raw string) error {
	// SNIPPET
	if err == nil && token == nil {
		return fmt.Errorf("no error and no token")
	}
	return err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := verify(context.Background(), lines.Text()); err != nil {
			fmt.Println("refused", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("accepted")
		}
	}
}
