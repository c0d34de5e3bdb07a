//! Golden transcripts of what `deku` says when something is wrong: tests/errors/*.md.
//!
//! `TRYCMD=overwrite cargo test -p deku-cli --test messages` writes them anew.

#[test]
fn transcripts() {
    trycmd::TestCases::new().case("tests/errors/*.md").env("NO_COLOR", "1");
}
