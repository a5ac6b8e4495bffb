//! How many states may hear side by side? As many as the worker gives threads, the operator allows, and the memory holds.

/// Bytes that a state takes for each of the numbers with which a model describes an instant (512 in `base`): with fewer than
/// these, ggml ends the process when it is refused memory. Measured: 4 states of `base` live in 4 GiB, and 6 do not.
const STATE_BYTES_OF_WIDTH: u64 = 1_500_000;
/// Bytes of the program, its libraries and the recording.
const OTHER_BYTES: u64 = 512 << 20;

/// What decides it.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Threads that the worker gives.
    pub threads: usize,
    /// States that the operator allows.
    pub states: usize,
    /// Bytes of memory, where they are limited.
    pub memory: Option<u64>,
    /// Bytes of the model.
    pub model: u64,
    /// Numbers with which the model describes an instant.
    pub width: u64,
}

impl Room {
    /// States for which there is room: one at least.
    pub fn states(&self) -> usize {
        let fit = self.memory.map_or(usize::MAX, |memory| {
            let free = memory.saturating_sub(OTHER_BYTES).saturating_sub(self.model);
            usize::try_from(free / (STATE_BYTES_OF_WIDTH * self.width.max(1))).unwrap_or(usize::MAX)
        });
        self.threads.min(self.states).min(fit).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_states_as_the_memory_holds() {
        let base = Room { threads: 64, states: 64, memory: Some(4 << 30), model: 81_768_585, width: 512 };
        assert_eq!(base.states(), 4);
        assert_eq!(Room { states: 2, ..base }.states(), 2);
        assert_eq!(Room { threads: 1, ..base }.states(), 1);
        assert_eq!(Room { memory: None, ..base }.states(), 64);
        assert_eq!(Room { memory: Some(8 << 30), ..base }.states(), 10);
        let medium = Room { model: 1_533_763_059, width: 1_024, ..base };
        assert_eq!(medium.states(), 1);
        assert_eq!(Room { memory: Some(1 << 20), ..medium }.states(), 1);
    }
}
