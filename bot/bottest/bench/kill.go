package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// kill has ten people ask two wfbots on one database, and kills one of the two while both
// look people up. It measures how long it takes from then until everybody whose command
// was acknowledged has their card. That is done five times.
func (b *bench) kill(ctx context.Context) error {
	for _, set := range b.wfbots(ms(0, 300)) {
		all := outcome{}
		for range 5 {
			took, err := b.killOne(ctx, set)
			if err != nil {
				return err
			}
			if took > 0 {
				all.came = append(all.came, took)
			}
			all.of++
		}
		if len(all.came) > 0 {
			b.note("kill to cards", set, all)
		}
	}
	return nil
}

// killOne returns the time of one kill; 0 where there is no PostgreSQL, or a card did not
// come in time.
func (b *bench) killOne(ctx context.Context, set setting) (took time.Duration, err error) {
	address, drop, err := freshPostgres(ctx)
	if err != nil || address == "" {
		return 0, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	w, err := b.newWorld(set)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	w.postgres = address
	var both []*program
	for range 2 {
		p, err := w.start(ctx)
		if err != nil {
			return 0, err
		}
		defer p.end()
		both = append(both, p)
	}
	if err := w.plan(1).whole(ctx); err != nil {
		return 0, fmt.Errorf("the first request: %w; a program said:\n%s", err, both[1].said)
	}
	w.forget()
	w.looked = newMoment()
	var asked []*conversation
	var typing sync.WaitGroup
	defer typing.Wait()
	for range 10 {
		c := w.plan(1)
		asked = append(asked, c)
		typing.Go(func() { _ = c.command() }) // of one that was not acknowledged there is no card
	}
	if err := w.looked.wait(ctx); err != nil {
		return 0, fmt.Errorf("waiting for look-ups: %w", err)
	}
	killed := time.Now()
	both[0].kill()
	typing.Wait()
	for _, c := range asked {
		if c.acked == 0 { // the killed one had it, and Slack has told the person to try again
			continue
		}
		if err := c.posted.wait(ctx); err != nil {
			return 0, ctx.Err()
		}
		took = max(took, c.posted.at.Sub(killed))
	}
	return took, nil
}

// freshPostgres makes a database on the server of WFBOT_TEST_POSTGRES_URL, and returns its
// address and what removes it; no address where there is no server.
func freshPostgres(ctx context.Context) (address string, drop func() error, err error) {
	server := os.Getenv("WFBOT_TEST_POSTGRES_URL")
	if server == "" {
		return "", nil, nil
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	name := "wfbot_bench_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, errors.Join(err, db.Close())
	}
	u.Path = "/" + name
	return u.String(), func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		_, err := db.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, db.Close())
	}, nil
}
