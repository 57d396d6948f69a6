// The client snippet, and a resource server that says which token it was shown.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	// SNIPPET

	shown := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		shown = request.Header.Get("Authorization")
	}))
	defer server.Close()
	if _, err := client.Get(server.URL); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(strings.TrimPrefix(shown, "Bearer "))
}
