//! Files of a git revision, through the `git` program: no shell, no network, no checkout. Names go
//! to git on its standard input, where no option can be smuggled in; its arguments are fixed words
//! and object names that it printed itself.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use crate::config::{Content, FILE_BYTES_MAX, FILES_MAX, Give, NAMED_FILE_BYTES_MAX, is_client_file};

/// All files together; as for files of a directory.
const TOTAL_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The mode of a symbolic link.
const LINK: &str = "120000";
/// Longest line of git about one object: an object name, a word, a size.
const HEADER_BYTES_MAX: u64 = 8 * 1024;

/// An object of a repository.
struct Object {
    name: String,
    kind: String,
    bytes: u64,
}

/// The client files at `revision:path`, a file or a directory, and the files beside them.
///
/// # Errors
/// In words for the user: no git, no repository, no such revision, nothing at that path.
pub fn read(revision: &str, path: &str) -> anyhow::Result<(Vec<Content>, Give<'static>)> {
    ensure!(!revision.is_empty(), "`:{path}` names no revision; write it like `main:{path}`");
    ensure!(!revision.starts_with('-'), "`{revision}` is no git revision");
    ensure!(!revision.contains(['\n', '\0']) && !path.contains(['\n', '\0']), "a name holds a line break");
    let mut objects = Objects::open("--batch-check")?;
    if objects.find(&format!("{revision}^{{tree}}"))?.is_none() {
        bail!("git knows no revision `{revision}` here");
    }
    let place = format!("{revision}:{}", path.trim_end_matches('/'));
    let object = objects.find(&place)?;
    let object = object.with_context(|| format!("there is no `{path}` in the git revision `{revision}`"))?;
    let (files, directory) = match object.kind.as_str() {
        "blob" => {
            let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
            (vec![(name.to_owned(), place, object)], format!("{revision}:{above}"))
        }
        "tree" => (list(&object.name, &place)?, place),
        kind => bail!("`{place}` is a {kind}, no file and no directory"),
    };
    Ok((contents(files)?, beside(directory)))
}

/// (path below the directory, as findings shall name it, object)
type Entry = (String, String, Object);

fn list(tree: &str, place: &str) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (relative, mode, object) in tree_entries(tree)? {
        let name_of_file = match place.ends_with(':') {
            true => format!("{place}{relative}"),
            false => format!("{place}/{relative}"),
        };
        if relative.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        // In a directory both would be followed; what they lead to is not in this revision.
        ensure!(mode != LINK, "`{name_of_file}` is a link, which is not followed in a git revision");
        ensure!(
            object.kind == "blob",
            "`{name_of_file}` is a submodule, which is not read in a git revision"
        );
        if is_client_file(&relative) {
            entries.push((relative, name_of_file, object));
        }
    }
    ensure!(entries.len() <= FILES_MAX, "`{place}` holds more than {FILES_MAX} client files");
    Ok(entries)
}

/// Everything below a tree: path, mode, object.
fn tree_entries(tree: &str) -> anyhow::Result<Vec<(String, String, Object)>> {
    let output = git(&["ls-tree", "-r", "-z", "-l", "--full-tree", tree]).output().map_err(no_git)?;
    ensure!(output.status.success(), "git ls-tree failed: {}", first_line(&output.stderr));
    let text = String::from_utf8(output.stdout).context("a file name in the git revision is not UTF-8")?;
    let entry = |line: &str| {
        let (facts, relative) = line.split_once('\t')?;
        let mut facts = facts.split_ascii_whitespace().map(str::to_owned);
        let (mode, kind, name, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
        // A submodule has no size.
        let object = Object { name, kind, bytes: size.parse().unwrap_or_default() };
        Some((relative.to_owned(), mode, object))
    };
    let entries: Option<Vec<_>> = text.split_terminator('\0').map(entry).collect();
    entries.context("git ls-tree printed something unknown")
}

/// Mode and object by path.
type Listing = BTreeMap<String, (String, Object)>;

/// The files that a list in the directory `place` names, from the same revision. The directory is
/// listed when the first of them is asked for.
fn beside(place: String) -> Give<'static> {
    let mut listed: Option<Result<Listing, String>> = None;
    Box::new(move |name| {
        let listing = listed.get_or_insert_with(|| {
            let tree = Objects::open("--batch-check").and_then(|mut objects| objects.find(&place));
            let tree = tree.and_then(|tree| tree.context("its directory is not there"));
            let entries = tree.and_then(|tree| tree_entries(&tree.name));
            let by_path = |(path, mode, object)| (path, (mode, object));
            entries
                .map(|entries| entries.into_iter().map(by_path).collect())
                .map_err(|error| error.to_string())
        });
        let files = listing.as_ref().map_err(|error| format!("cannot be read: {error}"))?;
        let (mode, object) = files.get(name).ok_or_else(|| format!("does not exist in `{place}`"))?;
        if mode == LINK || object.kind != "blob" {
            return Err("is a link or a submodule, which is not followed in a git revision".to_owned());
        }
        if object.bytes > NAMED_FILE_BYTES_MAX {
            return Err(format!("is larger than {} KiB", NAMED_FILE_BYTES_MAX >> 10));
        }
        let content = Objects::open("--batch").and_then(|mut objects| objects.content(object));
        content.map_err(|error| format!("cannot be read: {error}"))
    })
}

fn contents(files: Vec<Entry>) -> anyhow::Result<Vec<Content>> {
    let mut total = 0_u64;
    for (_, name, object) in &files {
        total = total.saturating_add(object.bytes);
        ensure!(object.bytes <= FILE_BYTES_MAX, "`{name}` is larger than {} MiB", FILE_BYTES_MAX >> 20);
        ensure!(total <= TOTAL_BYTES_MAX, "all client files of the revision are larger than 1 GiB");
    }
    let mut objects = Objects::open("--batch")?;
    let read = |(relative, name, object): Entry| {
        let bytes = objects.content(&object).with_context(|| format!("git does not give `{name}`"))?;
        Ok(Content { relative, name, bytes })
    };
    files.into_iter().map(read).collect()
}

/// A running `git cat-file`: a line in, an answer out.
struct Objects {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Objects {
    fn open(mode: &str) -> anyhow::Result<Self> {
        let mut command = git(&["cat-file", mode]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(no_git)?;
        let input = child.stdin.take().context("git takes no input")?;
        let output = child.stdout.take().context("git gives no output")?;
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// `None` when there is no such object.
    fn find(&mut self, name: &str) -> anyhow::Result<Option<Object>> {
        let asked = self.input.write_all(format!("{name}\n").as_bytes()).and_then(|()| self.input.flush());
        let mut line = String::new();
        let answered = self.output.by_ref().take(HEADER_BYTES_MAX).read_line(&mut line);
        if asked.is_err() || answered.is_err() || line.is_empty() {
            return Err(self.failure());
        }
        // `NAME KIND SIZE`, or what was asked and a word like `missing`.
        let mut words = line.trim_end().rsplit(' ');
        let (bytes, kind, name) = (words.next(), words.next(), words.next());
        let Some(bytes) = bytes.and_then(|bytes| bytes.parse().ok()) else { return Ok(None) };
        let text = |word: Option<&str>| word.unwrap_or_default().to_owned();
        Ok(Some(Object { name: text(name), kind: text(kind), bytes }))
    }

    /// The size is known from the listing, and limited there.
    fn content(&mut self, object: &Object) -> anyhow::Result<Vec<u8>> {
        let found = self.find(&object.name)?.context("the object is missing")?;
        ensure!(found.bytes == object.bytes && found.kind == "blob", "the object is another one");
        let mut bytes = Vec::new();
        // A line break follows the content.
        let wanted = object.bytes.saturating_add(1);
        let read = self.output.by_ref().take(wanted).read_to_end(&mut bytes)?;
        ensure!(read as u64 == wanted && bytes.pop() == Some(b'\n'), "its output ended early");
        Ok(bytes)
    }

    /// What git said before it ended: that this is no repository, most of the time.
    fn failure(&mut self) -> anyhow::Error {
        let mut text = Vec::new();
        if let Some(stderr) = self.child.stderr.take() {
            let _ = stderr.take(HEADER_BYTES_MAX).read_to_end(&mut text);
        }
        anyhow::anyhow!("git cannot be asked: {}", first_line(&text))
    }
}

/// The end of its input ends git.
impl Drop for Objects {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In this directory, without any transport: an object that is missing in a partial clone stays
/// missing.
fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(["-c", "protocol.allow=never", "-C", "."]).args(arguments);
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.stdin(Stdio::null());
    command
}

fn no_git(error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!(
            "REV:PATH needs the git program, and there is none; compare files or directories instead"
        ),
        _ => anyhow::Error::new(error).context("git cannot be started"),
    }
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or("it ended without a word").trim_start_matches("fatal: ").to_owned()
}
