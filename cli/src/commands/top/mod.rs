//! `esteira top`: how does the whole stand, in a terminal, live? What waits and runs by kind, and the workers.
//!
//! A thread asks the API, so that keys are heard while a server does not answer; what was seen last stays, and is said to be
//! old.

mod picture;
mod seen;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use crate::client::{Client, Target};
use picture::draw;
use seen::{Look, Seen};

/// How long a key waits to be heard at most.
const HEARD: Duration = Duration::from_millis(100);
/// Looks take this share of the time at most.
const SHARE: u32 = 20;

/// See what waits and runs, and the workers, live; `q` ends it.
///
/// A look reads every job that is not final: with a million of them it is looked less often than is asked for.
#[derive(Debug, Args)]
pub struct Top {
    /// Seconds between two looks
    #[arg(long, default_value_t = 2, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    #[command(flatten)]
    target: Target,
}

impl Top {
    /// Shows it until a key ends it.
    pub fn run(self) -> Result<ExitCode> {
        ensure!(
            std::io::stdout().is_terminal(),
            "top draws on a terminal; `esteira queue stats` and `esteira worker list` print the same"
        );
        let client = self.target.as_operator()?;
        let every = Duration::from_secs(self.every);
        let (told, looks) = mpsc::channel();
        // Whoever is dropped first ends the thread: it sends to nobody, or is told that nobody wants more.
        let (wanted, ended) = mpsc::channel::<()>();
        std::thread::spawn(move || look_on(&client, every, &told, &ended));
        let mut terminal = ratatui::try_init().context("the terminal cannot be drawn on")?;
        let shown = show(&mut terminal, &looks);
        ratatui::restore();
        drop(wanted);
        shown.map(|()| ExitCode::SUCCESS)
    }
}

/// Asks the API again and again, until nobody listens.
fn look_on(client: &Client, every: Duration, told: &Sender<Look>, ended: &Receiver<()>) {
    loop {
        let began = Instant::now();
        let look = seen::look(client);
        // A look that is dear is a load for others, too; one that failed has found nobody.
        let pause = if look.is_ok() { every.max(began.elapsed() * SHARE) } else { every };
        if told.send(look).is_err() {
            return;
        }
        match ended.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Draws what comes in, until a key ends it.
fn show(terminal: &mut DefaultTerminal, looks: &Receiver<Look>) -> Result<()> {
    let mut seen = Seen::default();
    loop {
        for look in looks.try_iter() {
            seen.add(look);
        }
        terminal.draw(|frame| draw(frame, &seen))?;
        if event::poll(HEARD)? && is_end(&event::read()?) {
            return Ok(());
        }
    }
}

fn is_end(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press && (control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}
