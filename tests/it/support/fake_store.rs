//! A store that speaks as much of RESP as signet asks of one, and does what a test says: answers,
//! stays silent, talks nonsense, hangs up, is gone and comes back.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use signet::config::{ReplayStoreSettings, WhenStoreDown};

/// What becomes of a command after the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Reads, and answers when it is well again.
    Silent,
    Garbage,
    /// Half an answer, then the end.
    HangUp,
    /// A store that is not the primary any more.
    ReadOnly,
}

pub struct FakeStore {
    address: SocketAddr,
    inside: Arc<Inside>,
    thread: Option<JoinHandle<()>>,
}

struct Inside {
    mood: Mutex<Mood>,
    changed: Condvar,
    password: Option<&'static str>,
    tls: Option<Arc<ServerConfig>>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Name and seconds to live; nothing ends by itself.
    names: HashMap<String, u64>,
    commands: Vec<Vec<String>>,
    connections: Vec<TcpStream>,
    is_gone: bool,
}

impl FakeStore {
    pub fn start() -> Self {
        Self::with(None, None)
    }

    pub fn with(password: Option<&'static str>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (mood, changed, kept) = (Mutex::new(Mood::Well), Condvar::new(), Mutex::default());
        let inside = Arc::new(Inside { mood, changed, password, tls, kept });
        let thread = Some(serve(listener, &inside));
        Self { address, inside, thread }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn settings(&self, replay_store_down: WhenStoreDown) -> ReplayStoreSettings {
        ReplayStoreSettings {
            replay_store: Some(format!("redis://{}", self.address).parse().expect("a text")),
            replay_store_down,
            replay_store_password_file: None,
            replay_store_ca: None,
        }
    }

    pub fn is(&self, mood: Mood) {
        *self.inside.mood.lock().expect("a lock") = mood;
        self.inside.changed.notify_all();
    }

    /// Ends every connection and listens no more.
    pub fn die(&mut self) {
        self.is(Mood::Well);
        {
            let mut kept = self.inside.kept.lock().expect("a lock");
            kept.is_gone = true;
            for connection in kept.connections.drain(..) {
                let _ = connection.shutdown(std::net::Shutdown::Both);
            }
        }
        // Wakes whoever accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the store ends");
        }
    }

    /// At the same address, with what it knew.
    pub fn come_back(&mut self) {
        self.inside.kept.lock().expect("a lock").is_gone = false;
        let listener = TcpListener::bind(self.address).expect("the port is free again");
        self.thread = Some(serve(listener, &self.inside));
    }

    /// Commands so far, but for those that only look whether the store is well.
    pub fn commands(&self) -> Vec<Vec<String>> {
        let kept = self.inside.kept.lock().expect("a lock");
        let is_look = |command: &&Vec<String>| command.iter().any(|word| word == "signet:jti:look");
        kept.commands.iter().filter(|command| !is_look(command)).cloned().collect()
    }

    /// The uses that it was asked to note.
    pub fn sets(&self) -> Vec<Vec<String>> {
        self.commands().into_iter().filter(|command| command[0] == "SET").collect()
    }
}

impl Drop for FakeStore {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.die();
        }
    }
}

fn serve(listener: TcpListener, inside: &Arc<Inside>) -> JoinHandle<()> {
    let inside = Arc::clone(inside);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            let mut kept = inside.kept.lock().expect("a lock");
            if kept.is_gone {
                return;
            }
            kept.connections.push(stream.try_clone().expect("a handle"));
            let inside = Arc::clone(&inside);
            std::thread::spawn(move || inside.answer(stream));
        }
    })
}

impl Inside {
    fn answer(&self, stream: TcpStream) {
        let socket = stream.try_clone().expect("a handle");
        match &self.tls {
            None => self.talk(BufReader::new(stream)),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).expect("a configuration");
                self.talk(BufReader::new(StreamOwned::new(connection, stream)));
            }
        }
        // There are other handles of it.
        let _ = socket.shutdown(std::net::Shutdown::Both);
    }

    fn talk<S: Read + Write>(&self, mut stream: BufReader<S>) {
        let mut is_known = self.password.is_none();
        while let Some(command) = read(&mut stream) {
            self.kept.lock().expect("a lock").commands.push(command.clone());
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let answer = match words.as_slice() {
                ["AUTH", .., password] => {
                    is_known = self.password == Some(password);
                    if is_known { "+OK\r\n" } else { "-WRONGPASS invalid username-password pair\r\n" }
                }
                _ if !is_known => "-NOAUTH Authentication required.\r\n",
                ["CLIENT", "SETINFO", ..] | ["SELECT", _] => "+OK\r\n",
                ["SET", name, _, "NX", "EX", seconds] => match self.mood_that_speaks() {
                    Mood::Garbage => "nonsense\r\n",
                    Mood::HangUp => {
                        let _ = stream.get_mut().write_all(b"+O");
                        return;
                    }
                    Mood::ReadOnly => "-READONLY You can't write against a read only replica.\r\n",
                    Mood::Well | Mood::Silent => self.set(name, seconds),
                },
                _ => "-ERR unknown command\r\n",
            };
            if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn mood_that_speaks(&self) -> Mood {
        let mood = self.mood.lock().expect("a lock");
        *self.changed.wait_while(mood, |mood| *mood == Mood::Silent).expect("a lock")
    }

    fn set(&self, name: &str, seconds: &str) -> &'static str {
        let seconds = seconds.parse().expect("seconds");
        let mut kept = self.kept.lock().expect("a lock");
        if kept.names.contains_key(name) {
            return "$-1\r\n";
        }
        kept.names.insert(name.to_owned(), seconds);
        "+OK\r\n"
    }
}

/// An array of bulk strings, the form of every command.
fn read(reader: &mut impl BufRead) -> Option<Vec<String>> {
    let count = line(reader)?.strip_prefix('*')?.parse().ok()?;
    let mut command = Vec::new();
    for _ in 0..count {
        let length: usize = line(reader)?.strip_prefix('$')?.parse().ok()?;
        let mut bytes = vec![0; length + 2];
        reader.read_exact(&mut bytes).ok()?;
        bytes.truncate(length);
        command.push(String::from_utf8(bytes).ok()?);
    }
    Some(command)
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    Some(line.trim_end().to_owned())
}
