//! Does the queue do what a small model of it says, whatever is asked of it in whatever order?
//!
//! Random steps go through the real verbs on a real Postgres and through the model beside it. Verbs must answer
//! as the model does, and after every step the database must hold what the model holds: that each job is in one
//! state and the states add up, that a lease is settled once and by its holder, that nothing begins before its
//! time, out of turn or past `max_running`, and that attempts and crashes are counted. In the end whatever is
//! left is run, and every job must reach a final state.
//!
//! Of 40 cases each has up to 60 steps; `PROPTEST_CASES=1000` tries more. Which job or worker a step means
//! depends only on the steps before it, so that a failing sequence is shrunk to a short one.

pub mod look;
mod reference;
mod step;
mod world;

use esteira_engine::tenant::Tenant;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestError, TestRunner};

use crate::harness::Harness;
use look::Look;
use step::Step;
use world::World;

/// Cases, unless PROPTEST_CASES says otherwise.
const CASES: u32 = 40;
const STEPS: usize = 60;

#[test]
fn the_queue_does_what_its_model_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let h = runtime.block_on(Harness::new());
    let tenants = runtime.block_on(world::tenants(&h));
    let look = runtime.block_on(Look::new(&h.database.superuser_url, &tenants));
    let mut config = Config { max_shrink_iters: 2_000, failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let steps = vec(any::<Step>(), 1..STEPS);
    let failed =
        TestRunner::new(config).run(&steps, |steps| runtime.block_on(run(&h, &tenants, &look, &steps)));
    match failed {
        Ok(()) => {}
        Err(TestError::Fail(reason, steps)) => {
            let steps: String = steps.iter().map(|step| format!("\n  {step:?}")).collect();
            panic!("{reason}, of these steps:{steps}")
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

async fn run(h: &Harness, tenants: &[Tenant], look: &Look, steps: &[Step]) -> TestCaseResult {
    let mut world = World::begin(h, tenants, look).await;
    for (n, step) in steps.iter().enumerate() {
        let told = |error| TestCaseError::fail(format!("step {n}, {step:?}: {error}"));
        world.take(step).await.map_err(told)?;
        world.compare().await.map_err(told)?;
    }
    world.run_to_the_end().await.map_err(|error| TestCaseError::fail(format!("in the end: {error}")))
}
