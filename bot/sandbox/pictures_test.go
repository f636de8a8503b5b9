package sandbox_test

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "take the pictures of README.md anew")

// The pictures of README.md, in docs, are taken from the running sandbox. In testdata is
// the text that each shows: when a card says something else, the picture is out of date
// and the test fails. Pixels, which differ from one machine to the next, are not
// compared.
func TestPictures(t *testing.T) {
	b := openTab(t, setting{width: 960, height: 1400})
	b.open("U0RITA", channel)
	b.say("/wf-deactivate jane@acme.com left the company")
	b.see("#messages", "Waiting for approval", "Only visible to you")
	b.be("Ada Okafor")
	b.see("#messages .card", "Details")
	b.cardPicture("card_pending")
	b.press("Approve")
	b.press("Approve")
	b.see("#messages .card", "Done: Jane Doe is deactivated in Workfront")
	b.cardPicture("card_done")
}

// changing is what no two sandboxes have in common.
var changing = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "‹ID›"},
	{regexp.MustCompile(`\b[A-Z2-7]{26}\b`), "‹ID›"},
}

// cardPicture compares the text of the card with that of its picture or, with
// -update, writes both.
func (b *tab) cardPicture(name string) {
	b.t.Helper()
	shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(() => {
		const card = document.querySelector("#messages .card").cloneNode(true);
		for (const time of card.querySelectorAll("time")) time.textContent = "‹time›";
		document.querySelector("#messages .card").after(card);
		const text = card.innerText;
		card.remove();
		return text + "\n";
	})()`))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range changing {
		shown = c.what.ReplaceAllString(shown, c.with)
	}
	words, picture := filepath.Join("testdata", name+".txt"), filepath.Join("..", "..", "docs", name+".png")
	if *update {
		b.writeCard(words, picture, shown)
	}
	drawn, err := os.ReadFile(words)
	if err != nil {
		b.t.Fatalf("%v (run the test with -update)", err)
	}
	if diff := cmp.Diff(string(drawn), shown); diff != "" {
		b.t.Errorf("docs/%s.png is out of date (run the test with -update, and look at it), -drawn +now\n%s", name, diff)
	}
	if _, err := os.Stat(picture); err != nil {
		b.t.Error(err)
	}
}

func (b *tab) writeCard(words, picture, shown string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement?.blur()`))
	b.call(func(ctx context.Context) error {
		shot, err := chromedp.Run(ctx, chromedp.Screenshot("#messages .card"))
		if err != nil {
			return err
		}
		if shot, err = smaller(shot); err != nil {
			return err
		}
		if err := os.WriteFile(picture, shot, 0o644); err != nil {
			return err
		}
		return os.WriteFile(words, []byte(shown), 0o644)
	})
}

// smaller is a picture with its 256 most frequent colours, which nobody sees in text
// and is a third of the size.
func smaller(picture []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	bounds, pixels := full.Bounds(), make(map[color.Color]int)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			pixels[full.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(pixels), func(a, b color.Color) int { return pixels[b] - pixels[a] })
	few := image.NewPaletted(bounds, colours[:min(256, len(colours))])
	draw.Draw(few, bounds, full, bounds.Min, draw.Src)
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few)
	return out.Bytes(), err
}
