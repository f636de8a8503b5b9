package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"wfbot/workfront/secret"
)

// GenerateAPIKey makes a new API key for the user with the username and
// password. Whether a key that the user already has keeps working is not
// documented; reckon with its end. All of cfg except the credentials is used.
//
// Adobe states that tenants on its Business Platform can no longer do this;
// there an administrator makes a key in Setup > System > Customer Info. A wrong
// password is ErrUnauthorized. The request is sent once, for a few wrong
// passwords lock an account.
//
// Username and password go in the request's body, never in its URL.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
func GenerateAPIKey(ctx context.Context, cfg Config, username string, password secret.Value) (secret.Value, error) {
	const op = "generating an API key"
	c, err := newClient(cfg)
	if username == "" || password == "" {
		err = errors.Join(err, errors.New("username and password are required"))
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	if cfg.Transport == nil {
		defer c.CloseIdleConnections()
	}
	data, err := c.do(ctx, request{op: op, method: http.MethodPost, url: c.api + "/user", body: url.Values{
		"method":   {http.MethodPut}, // an action is a PUT; only a POST's form is sure to be read
		"action":   {"generateApiKey"},
		"username": {username},
		"password": {password.Reveal()},
	}.Encode(), media: formMedia, secrets: []secret.Value{password}})
	if err != nil {
		return "", err
	}
	var answer struct{ Result text }
	if err := json.Unmarshal(data, &answer); err != nil || !validHeader(secret.Value(answer.Result)) {
		return "", unusable(op, "the answer holds no usable key")
	}
	return secret.Value(answer.Result), nil
}
