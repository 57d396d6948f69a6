use super::*;

fn formatted(text: &str) -> String {
    let result = format(&Source::new("a.yaml", text));
    let once = result.unwrap_or_else(|findings| panic!("{text:?}: {findings:?}"));
    let twice = format(&once).map(|twice| twice.text.clone()).unwrap_or_default();
    assert_eq!(once.text, twice, "idempotent: {text:?}");
    once.text.clone()
}

#[test]
fn every_level_stands_two_columns_further_and_spaces_are_single() {
    let text = "clients:\n-   client_id :   a\n    credentials:\n    -  client_secret:  x   \n       expires: 2027-03-01\n    scope:  [ a,b ,c ]\n    claims: { a : {b: [ ] }, 'c':1 }\n-\n      client_id:\tb\n";
    insta::assert_snapshot!(formatted(text), @r"
    clients:
      - client_id: a
        credentials:
          - client_secret: x
            expires: 2027-03-01
        scope: [a, b, c]
        claims: {a: {b: []}, 'c': 1}
      -
        client_id: b
    ...
    ");
}

#[test]
fn a_comment_stays_on_its_line_and_with_the_entry_that_it_belongs_to() {
    let text = "#head\n\nclients: #all\n#of the first\n- client_id: a    #   beside\n  scope: x\n  # scope: y\n\n#   - client_id: commented-out\n- client_id: b\n# of the resources\nresources:\n- audience: c\n  #!last\n#### foot ####\n...\n# behind the marker\n";
    insta::assert_snapshot!(formatted(text), @r"
    # head

    clients: # all
      # of the first
      - client_id: a #   beside
        scope: x
        # scope: y

      #   - client_id: commented-out
      - client_id: b
    # of the resources
    resources:
      - audience: c
        #!last
    #### foot ####
    # behind the marker
    ...
    ");
}

#[test]
fn lists_over_several_lines_keep_their_lines() {
    let text = "clients:\n- client_id: a\n  scope: [\n  a, # one\n\n\n\n        b,\n  # two\n  c\n   ]\n  audience:\n     [ d ]\n";
    insta::assert_snapshot!(formatted(text), @r"
    clients:
      - client_id: a
        scope: [
            a, # one

            b,
            # two
            c
          ]
        audience:
          [d]
    ...
    ");
}

#[test]
fn text_over_several_lines_keeps_what_belongs_to_it() {
    let text = "clients:\n- client_id: a\n  note: |  # why\n      one\n        two  \n\n      three\n\n  more: >2+\n     z\n\n\n  plain: some\n     words   \n     more\n  double: \"x \\\n        \\ y\\ \n    z\"\n";
    insta::assert_snapshot!(formatted(text).replace(' ', "·"), @r#"
    clients:
    ··-·client_id:·a
    ····note:·|·#·why
    ······one
    ········two··

    ······three

    ····more:·>2+
    ·······z


    ····plain:·some
    ······words
    ······more
    ····double:·"x·\
    ······\·y\·
    ······z"
    ...
    "#);
}

#[test]
fn ends_and_blank_lines_get_one_form() {
    assert_eq!(
        formatted("\r\n\r\n---\r\nclients:\r\n\r\n\r\n- client_id: a\r\n\r\n\r\n- client_id: b"),
        "---\nclients:\n  - client_id: a\n\n  - client_id: b\n...\n"
    );
    assert_eq!(formatted("clients: []\n...\n...\n\n\n"), "clients: []\n...\n");
    assert_eq!(formatted("? clients\n: []\n"), "? clients\n: []\n...\n");
    assert_eq!(formatted("--- {clients: [{a: }]}"), "---\n{clients: [{a: }]}\n...\n");
}

#[test]
fn what_is_not_understood_is_refused_with_the_usual_findings() {
    for (text, code) in [
        ("clients: [", "SG0106"),
        ("clients: &a []", "SG0108"),
        ("clients: !x []", "SG0108"),
        ("clients:\n  - {<<: {}}", "SG0108"),
        ("clients: []\nclients: []", "SG0110"),
        ("clients: []\n---\nclients: []", "SG0109"),
        ("- a", "SG0114"),
        ("# nothing\n", "SG0112"),
        ("", "SG0112"),
        ("\u{feff}clients: []", "SG0105"),
    ] {
        let findings = format(&Source::new("a.yaml", text)).expect_err(text);
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.id).collect();
        assert_eq!(codes, [code], "{text:?}");
    }
}

/// Members and values are for `check`: a file that it refuses can still be put in form.
#[test]
fn what_members_mean_does_not_matter() {
    assert_eq!(formatted("clints: 1\n"), "clints: 1\n...\n");
}
