// Verifies access tokens (RFC 9068) offline with golang-jwt and keyfunc, and answers those that may not in the words of
// RFC 6750. What the requests are about stands in main.go.
package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

const (
	// New keys are announced a day before they sign, so a set of this age knows every key in use.
	keySetAge = 5 * time.Minute
	// A token with an unknown kid asks for the set again, at most this often.
	keySetPause = 30 * time.Second
	// The library lets such a request wait for its turn, a minute unless told otherwise.
	keySetWait   = 2 * time.Second
	fetchTimeout = 5 * time.Second
	// How far the clocks of issuer and service may be apart.
	leeway = 10 * time.Second
)

type claims struct {
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	jwt.RegisteredClaims
}

type verifier struct {
	keys   keyfunc.Keyfunc
	parser *jwt.Parser
}

func newVerifier(issuer, audience string) (*verifier, error) {
	// Fetches the set now if it can, and again in the background.
	keys, err := keyfunc.NewDefaultOverrideCtx(context.Background(), []string{issuer + "/.well-known/jwks.json"}, keyfunc.Override{
		HTTPTimeout:       fetchTimeout,
		RefreshInterval:   keySetAge,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(keySetPause), 1),
		RateLimitWaitMax:  keySetWait,
	})
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(leeway),
	)
	return &verifier{keys, parser}, nil
}

// verify returns the claims of a good token for this service.
func (v *verifier) verify(ctx context.Context, token string) (*claims, error) {
	found := &claims{}
	parsed, err := v.parser.ParseWithClaims(token, found, v.keys.KeyfuncCtx(ctx))
	if err != nil {
		return nil, err
	}
	// RFC 9068 section 4: another kind of token of the same issuer is none for here.
	if typ, _ := parsed.Header["typ"].(string); !strings.EqualFold(typ, "at+jwt") {
		return nil, fmt.Errorf("typ is %q, not at+jwt", typ)
	}
	if found.ClientID == "" || found.Subject == "" {
		return nil, fmt.Errorf("client_id or sub is missing")
	}
	return found, nil
}

// needs lets a request through to `next` when its token is good and has the scope.
func (v *verifier) needs(scope string, next func(http.ResponseWriter, *http.Request, *claims)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, map[string]any{"message": "this needs an access token"})
			return
		}
		caller, err := v.verify(r.Context(), token)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token", "error_description": err.Error()})
			return
		}
		if !slices.Contains(strings.Fields(caller.Scope), scope) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, scope))
			answer(w, http.StatusForbidden, map[string]any{"error": "insufficient_scope", "error_description": "this needs the scope " + scope})
			return
		}
		next(w, r, caller)
	}
}
