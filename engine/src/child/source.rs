//! Is the next child forked or executed? Forked from a template where one serves, else executed.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::readable::{AT_ONCE, WARM_UP};
use super::spawn::{ChildProgram, Spawned, spawn};
use super::template::Template;

/// Processes that are forked from one template. They share where everything lies in memory and the stack's canary,
/// so what can be learnt from one about the next is worth nothing after so many.
const FORKS: u32 = 200;
/// The least time between two templates.
const PAUSE: Duration = Duration::from_secs(5);
/// The most, where none comes to serve.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Makes children, all of the calling thread.
#[derive(Debug)]
pub(super) struct Source {
    program: ChildProgram,
    templates: Option<Templates>,
}

impl Source {
    pub fn new(program: ChildProgram, template: bool) -> Self {
        Self { program, templates: template.then(Templates::default) }
    }

    /// One more child.
    pub fn child(&mut self) -> io::Result<Spawned> {
        let forked = self.templates.as_mut().and_then(|templates| templates.fork(&self.program));
        forked.map_or_else(|| spawn(&self.program), Ok)
    }

    /// The process that the next child would be forked from.
    pub fn template(&self) -> Option<Pid> {
        self.templates.as_ref()?.serving.as_ref().map(Template::pid)
    }
}

/// The template that serves, and the one that will.
#[derive(Debug)]
struct Templates {
    serving: Option<Template>,
    coming: Option<Template>,
    not_before: Option<Instant>,
    pause: Duration,
    told: bool,
}

impl Default for Templates {
    fn default() -> Self {
        Self { serving: None, coming: None, not_before: None, pause: PAUSE, told: false }
    }
}

impl Templates {
    /// A forked child, unless no template serves.
    fn fork(&mut self, program: &ChildProgram) -> Option<Spawned> {
        if self.serving.as_ref().is_none_or(|template| template.forked() >= FORKS) {
            self.start(program);
            self.replace();
        }
        match self.serving.as_mut()?.fork() {
            Ok(spawned) => {
                self.pause = PAUSE;
                Some(spawned)
            }
            Err(error) => {
                self.serving = None;
                self.tell(&error);
                None
            }
        }
    }

    fn start(&mut self, program: &ChildProgram) {
        let now = Instant::now();
        if self.coming.is_some() || self.not_before.is_some_and(|until| now < until) {
            return;
        }
        self.not_before = Some(now + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        match Template::start(program) {
            Ok(template) => self.coming = Some(template),
            Err(error) => self.tell(&error),
        }
    }

    /// Lets the coming template serve. Where none does yet, its linking is waited for, as that of an executed child
    /// would be.
    fn replace(&mut self) {
        let Some(coming) = self.coming.take() else { return };
        let limit = if self.serving.is_some() { AT_ONCE } else { WARM_UP };
        match coming.ready(&limit) {
            Ok(true) => self.serving = Some(coming),
            Ok(false) if self.serving.is_some() => self.coming = Some(coming),
            Ok(false) => self.tell(&io::ErrorKind::TimedOut.into()),
            Err(error) => self.tell(&error),
        }
    }

    /// Says once what is only slower: children are executed instead.
    fn tell(&mut self, error: &io::Error) {
        if self.told {
            tracing::debug!(%error, "no child can be forked from the template");
        } else {
            tracing::warn!(%error, "no child can be forked from the template; children are executed meanwhile");
            self.told = true;
        }
    }
}
