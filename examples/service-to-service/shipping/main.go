// Shipping, in Go: GET /shipments/{order} tells when an order leaves, which depends on its invoice, so it asks billing
// with a token of its own. Every request here needs a token for this service; verify.go judges it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	audience = "https://shipping.example.com"
	// Of one request to another service, its token included: longer than billing gives its own.
	timeout      = 8 * time.Second
	answerBytes  = 64 * 1024
	headDeadline = 5 * time.Second
)

func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("set %s; ../start does it", name)
	}
	return value
}

// billing is an HTTP client that puts this service's token for billing into every request. The library keeps the token
// until ten seconds before its end, and fetches it once however many requests wait.
func billing(issuer string) (*http.Client, error) {
	secret, err := os.ReadFile(setting("CLIENT_SECRET_FILE"))
	if err != nil {
		return nil, err
	}
	// For the requests of tokens; without it they would have no time limit.
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Timeout: timeout})
	config := clientcredentials.Config{
		ClientID:       "shipping",
		ClientSecret:   strings.TrimSpace(string(secret)),
		TokenURL:       issuer + "/oauth2/token",
		Scopes:         []string{"invoices:read"},
		EndpointParams: url.Values{"resource": {"https://billing.example.com"}},
		AuthStyle:      oauth2.AuthStyleInHeader, // otherwise the library tries twice after every refusal
	}
	client := config.Client(ctx)
	client.Timeout = timeout
	// The token is for billing and for no other address.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client, nil
}

func main() {
	log.SetFlags(0)
	issuer, billingURL := setting("ISSUER"), setting("BILLING_URL")
	verifier, err := newVerifier(issuer, audience)
	if err != nil {
		log.Fatalf("no keys to verify with: %v", err)
	}
	client, err := billing(issuer)
	if err != nil {
		log.Fatal(err)
	}

	routes := http.NewServeMux()
	routes.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	routes.HandleFunc("GET /shipments/{order}", verifier.needs("shipments:read", func(w http.ResponseWriter, r *http.Request, caller *claims) {
		order := r.PathValue("order")
		invoice, err := fetch(r.Context(), client, billingURL+"/invoices/"+url.PathEscape(order))
		if err != nil {
			log.Printf("billing: %v", err)
			answer(w, http.StatusBadGateway, map[string]any{"message": "no invoice from billing: " + outward(err)})
			return
		}
		answer(w, http.StatusOK, map[string]any{"shipment": order, "leaves": "tomorrow", "asked_by": caller.ClientID, "invoice": invoice})
	}))
	routes.HandleFunc("POST /shipments/{order}/hold", verifier.needs("shipments:hold", func(w http.ResponseWriter, r *http.Request, caller *claims) {
		answer(w, http.StatusOK, map[string]any{"shipment": r.PathValue("order"), "held_by": caller.ClientID})
	}))

	serve(&http.Server{Addr: "localhost:" + setting("PORT"), Handler: routes, ReadHeaderTimeout: headDeadline})
}

// serve runs until Ctrl-C or SIGTERM, and then until what is in flight is answered.
func serve(server *http.Server) {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	go func() {
		log.Printf("serves http://%s", server.Addr)
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	<-stopped.Done()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Print(err)
	}
}

func fetch(ctx context.Context, client *http.Client, address string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerBytes))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", address, response.Status)
	}
	if err == nil && !json.Valid(body) {
		err = fmt.Errorf("%s answers with something else than JSON", address)
	}
	return body, err
}

// outward is what a caller may know; the log has the rest.
func outward(err error) string {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return "no token"
	}
	return "it does not answer as it should"
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
