package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/BurntSushi/toml"
	masterminds "github.com/Masterminds/semver/v3"
	semver3 "github.com/blang/semver"
	semver4 "github.com/blang/semver/v4"
	"github.com/cespare/xxhash/v2"
	"github.com/docker/go-units"
	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/fatih/color"
	"github.com/go-chi/chi/v5"
	"github.com/golang/snappy"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gorilla/mux"
	"github.com/mattn/go-isatty"
	"github.com/mitchellh/mapstructure"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"
)

type config struct {
	Libraries int `toml:"libraries" yaml:"libraries" mapstructure:"libraries"`
}

func must(err error) {
	if err != nil {
		panic(errors.Wrap(err, "program"))
	}
}

func run(cmd *cobra.Command, args []string) error {
	var a, b, c config
	_, err := toml.Decode("libraries = 20", &a)
	must(err)
	must(yaml.Unmarshal([]byte("libraries: 20"), &b))
	must(mapstructure.Decode(map[string]interface{}{"libraries": 20}, &c))
	if diff := cmp.Diff(a, b) + cmp.Diff(b, c); diff != "" {
		return errors.New(diff)
	}
	plain, err := snappy.Decode(nil, snappy.Encode(nil, []byte("snappy")))
	must(err)
	if xxhash.Sum64(plain) != xxhash.Sum64String("snappy") || uuid.NewMD5(uuid.Nil, plain).Version() != 3 {
		return errors.New("hashes differ")
	}
	if !masterminds.MustParse("1.2.3").LessThan(masterminds.MustParse("1.10.0")) {
		return errors.New("order")
	}
	var chiRouter, muxRouter http.Handler = chi.NewRouter(), mux.NewRouter()
	if chiRouter == nil || muxRouter == nil || isatty.IsTerminal(^uintptr(0)) {
		return errors.New("handlers")
	}
	color.NoColor = true
	color.New(color.FgGreen).Fprintf(os.Stdout, "%d libraries: %s, %s, %s, %s, %s\n", a.Libraries, units.HumanSize(42),
		semver4.MustParse("4.0.0"), semver3.MustParse("3.5.1"), humanize.Bytes(1000),
		english.WordSeries([]string{"one", "two"}, "and"))
	return nil
}

func main() {
	cmd := &cobra.Command{Use: "program", RunE: run, SilenceUsage: true}
	cmd.Flags().AddFlagSet(pflag.NewFlagSet("more", pflag.ContinueOnError))
	if err := cmd.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
