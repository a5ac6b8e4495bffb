//! What can be asked of the queue? Each verb with random arguments, and what happens to workers and clocks.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Arbitrary, BoxedStrategy, Just, Strategy, any, prop_oneof};

/// Which of those that there are by then: counted from the first, and round again.
pub type Which = u8;

/// One step; where there is nothing that it could mean, nothing happens.
#[derive(Debug, Clone)]
pub enum Step {
    Submit {
        tenant: Which,
        other_kind: bool,
        priority: i16,
        /// Seconds from now, of a job that is to wait.
        run_in: Option<i64>,
        max_attempts: u16,
        /// Jobs that have to succeed before: of the same tenant, the newest first; the highest numbers mean anybody's.
        needs: Vec<Which>,
        /// One of few unique keys.
        key: Option<u8>,
    },
    Claim {
        worker: Which,
        other_kind: bool,
        limit: usize,
    },
    /// Settles a lease that stands.
    Settle(Which, End),
    /// Settles any lease that was ever given: late, or once more.
    SettleAny(Which, End),
    /// Settles leases of one worker in one transaction: any, late ones and the same one twice among them.
    SettleTogether(Which, Vec<(Which, End)>),
    /// As a worker does with a lease that it does not know.
    HandBack(Which),
    Cancel(Which),
    RetryByHand(Which),
    StartWorker,
    /// A worker stops beating: dead, or asleep.
    FallSilent(Which),
    /// A heartbeat, after which a silent worker is heard of again.
    Beat(Which),
    Leave(Which),
    Rescue,
    Promote,
    /// The database's clock, by seconds; workers that are not silent beat afterwards.
    Clock(i64),
}

/// How an attempt ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Succeeded,
    Failed {
        retryable: bool,
    },
    Crashed,
    Cancelled,
    Released,
    /// It waits for somebody else, for so many seconds.
    Snoozed(u64),
}

impl Arbitrary for Step {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> BoxedStrategy<Self> {
        let submit = (
            any::<Which>(),
            any::<bool>(),
            -1..=1_i16,
            weighted(0.3, -5..60_i64),
            1..=4_u16,
            prop_oneof![1 => Just(Vec::new()), 1 => vec(any::<Which>(), 1..3)],
            weighted(0.2, 0..3_u8),
        );
        prop_oneof![
            8 => submit.prop_map(|(tenant, other_kind, priority, run_in, max_attempts, needs, key)| {
                Self::Submit { tenant, other_kind, priority, run_in, max_attempts, needs, key }
            }),
            8 => (any::<Which>(), any::<bool>(), 1..5_usize).prop_map(|(worker, other_kind, limit)| {
                Self::Claim { worker, other_kind, limit }
            }),
            8 => (any::<Which>(), end()).prop_map(|(lease, end)| Self::Settle(lease, end)),
            3 => (any::<Which>(), end()).prop_map(|(lease, end)| Self::SettleAny(lease, end)),
            3 => (any::<Which>(), vec((any::<Which>(), end()), 1..4))
                .prop_map(|(worker, leases)| Self::SettleTogether(worker, leases)),
            1 => any::<Which>().prop_map(Self::HandBack),
            3 => any::<Which>().prop_map(Self::Cancel),
            3 => any::<Which>().prop_map(Self::RetryByHand),
            1 => Just(Self::StartWorker),
            2 => any::<Which>().prop_map(Self::FallSilent),
            2 => any::<Which>().prop_map(Self::Beat),
            1 => any::<Which>().prop_map(Self::Leave),
            3 => Just(Self::Rescue),
            3 => Just(Self::Promote),
            4 => (-10..40_i64).prop_map(Self::Clock),
        ]
        .boxed()
    }
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        3 => Just(End::Succeeded),
        3 => Just(End::Failed { retryable: true }),
        1 => Just(End::Failed { retryable: false }),
        2 => Just(End::Crashed),
        1 => Just(End::Cancelled),
        2 => Just(End::Released),
        2 => (0..20_u64).prop_map(End::Snoozed),
    ]
}
