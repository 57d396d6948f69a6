//! Many connections, driven by one thread that looks at all of them and never sleeps.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::http::Answer;
use super::load::{Pace, Part, Sample};

/// When nobody was answered for so long, those that wait get no answer.
const PATIENCE: Duration = Duration::from_secs(20);
const EVENTS: usize = 1024;

pub struct Crowd {
    poll: Poll,
    address: SocketAddr,
    /// Of all parts, one part after the other.
    members: Vec<Member>,
    waiting: usize,
}

struct Member {
    part: usize,
    stream: TcpStream,
    answer: Answer,
    /// Of the requests of its part, the one that it sends next.
    next: usize,
    /// When what it waits for was due, and how late it was sent.
    waits: Option<(Instant, Duration)>,
}

impl Crowd {
    pub fn open(address: SocketAddr, parts: &[Part<'_>]) -> Self {
        let mut crowd = Self { poll: Poll::new().expect("epoll"), address, members: Vec::new(), waiting: 0 };
        for (part, Part { connections, .. }) in parts.iter().enumerate() {
            for next in 0..*connections {
                let stream = crowd.connect(crowd.members.len());
                crowd.members.push(Member { part, stream, answer: Answer::default(), next, waits: None });
            }
        }
        crowd
    }

    fn connect(&self, index: usize) -> TcpStream {
        let stream = std::net::TcpStream::connect(self.address).expect("the server listens");
        stream.set_nodelay(true).expect("an option");
        stream.set_nonblocking(true).expect("an option");
        let mut stream = TcpStream::from_std(stream);
        self.poll.registry().register(&mut stream, Token(index), Interest::READABLE).expect("epoll");
        stream
    }

    /// Sends what is due from `began` to `end` and waits for the answers: the samples of each part,
    /// and the time in which there was something to do.
    pub fn run(&mut self, parts: &[Part<'_>], began: Instant, end: Instant) -> (Vec<Vec<Sample>>, Duration) {
        let mut first = 0;
        let mut plans: Vec<Plan<'_>> = Vec::new();
        for part in parts {
            plans.push(Plan { part, first, began, end, arrived: 0, samples: Vec::new() });
            first += part.connections;
        }
        let (mut events, mut busy, mut heard) = (Events::with_capacity(EVENTS), Duration::ZERO, began);
        loop {
            let now = Instant::now();
            let sent = plans.iter_mut().map(|plan| self.send_what_is_due(plan, now)).max();
            match self.poll.poll(&mut events, Some(Duration::ZERO)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => panic!("{error}"),
                _ => {}
            }
            for event in &events {
                let index = event.token().0;
                self.hear(index, &mut plans[self.members[index].part]);
            }
            if !events.is_empty() {
                heard = now;
            }
            if sent == Some(true) || !events.is_empty() {
                busy += now.elapsed();
            }
            let is_patient = now.saturating_duration_since(heard) < PATIENCE;
            if now >= end && self.waiting == 0 || !is_patient {
                self.give_up(&mut plans);
                return (plans.into_iter().map(|plan| plan.samples).collect(), busy);
            }
        }
    }

    fn send_what_is_due(&mut self, plan: &mut Plan<'_>, now: Instant) -> bool {
        let before = plan.arrived;
        while let Some(number) = plan.arrives(now) {
            let index = plan.first + number % plan.part.connections;
            let member = &self.members[index];
            // Who is busy sends it later.
            if member.waits.is_none() && member.next == number {
                self.send(index, plan);
            }
        }
        plan.arrived > before
    }

    fn send(&mut self, index: usize, plan: &mut Plan<'_>) {
        let member = &mut self.members[index];
        let now = Instant::now();
        let due = plan.due(member.next, now);
        member.waits = Some((due, now.saturating_duration_since(due)));
        self.waiting += 1;
        let stream = &mut member.stream;
        let is_sent = plan.part.load.with_request(member.next, |request| {
            stream.write(request).is_ok_and(|written| written == request.len())
        });
        if !is_sent {
            self.end(index, plan, 0);
        }
    }

    fn hear(&mut self, index: usize, plan: &mut Plan<'_>) {
        let member = &mut self.members[index];
        match member.answer.read(&mut member.stream) {
            Ok(None) => {}
            Ok(Some(status)) => self.end(index, plan, status),
            Err(_) => self.end(index, plan, 0),
        }
    }

    /// `status` is 0 when the connection is lost.
    fn end(&mut self, index: usize, plan: &mut Plan<'_>, status: u16) {
        if status == 0 {
            let stream = self.connect(index);
            let member = &mut self.members[index];
            (member.stream, member.answer) = (stream, Answer::default());
        }
        let member = &mut self.members[index];
        let Some((due, late)) = member.waits.take() else { return };
        self.waiting -= 1;
        plan.part.load.check(status, member.answer.body());
        let retry_after = status == 503 && member.answer.header("retry-after").is_some();
        plan.samples.push(Sample { due, latency: due.elapsed(), late, status, retry_after });
        member.next += plan.part.connections;
        if plan.is_due(member.next) {
            self.send(index, plan);
        }
    }

    fn give_up(&mut self, plans: &mut [Plan<'_>]) {
        for member in &mut self.members {
            if let Some((due, late)) = member.waits.take() {
                let plan = &mut plans[member.part];
                plan.part.load.check(0, b"no answer");
                let latency = due.elapsed();
                plan.samples.push(Sample { due, latency, late, status: 0, retry_after: false });
            }
        }
    }
}

/// When the connections of a part have to send.
struct Plan<'l> {
    part: &'l Part<'l>,
    /// The first of its members.
    first: usize,
    began: Instant,
    end: Instant,
    /// So many of its requests have been due.
    arrived: usize,
    samples: Vec<Sample>,
}

impl Plan<'_> {
    fn due(&self, number: usize, now: Instant) -> Instant {
        match self.part.pace {
            Pace::Closed if number < self.part.connections => self.began,
            Pace::Closed => now,
            Pace::Open(rate) => self.began + Duration::from_secs_f64(number as f64 / rate),
        }
    }

    /// The number of a request that is due now and was not a moment ago. In a closed loop that are
    /// the first ones only: the others follow an answer.
    fn arrives(&mut self, now: Instant) -> Option<usize> {
        let number = self.arrived;
        if matches!(self.part.pace, Pace::Closed) && number >= self.part.connections {
            return None;
        }
        let due = self.due(number, now);
        let arrives = due <= now && due < self.end;
        self.arrived += usize::from(arrives);
        arrives.then_some(number)
    }

    /// For a member that has just got its answer.
    fn is_due(&self, number: usize) -> bool {
        match self.part.pace {
            Pace::Closed => Instant::now() < self.end,
            Pace::Open(_) => number < self.arrived,
        }
    }
}
