//! What can go wrong with S3?

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;

use super::Struck;
use crate::chaos::canned::INTERNAL_ERROR;
use crate::chaos::proxy::Mode;
use crate::chaos::site::Site;

/// It answers 500 to everything.
pub async fn answer_errors(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    during(site, rng, Mode::Answer(INTERNAL_ERROR)).await;
    Ok(Struck::Hit)
}

/// It answers nothing. Afterwards some callers learn that, and others have to find out by their own clock.
pub async fn hang(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    set(site, Mode::Hang);
    site.suffer(rng).await;
    for member in site.esteira.members() {
        match rng.random_range(0..3) {
            0 => member.store.abandon(),
            1 => member.store.cut(),
            _ => {}
        }
    }
    set(site, Mode::Pass);
    Ok(Struck::Hit)
}

/// It keeps what it is given, and its answers are lost.
pub async fn lose_answers(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    during(site, rng, Mode::Deaf).await;
    Ok(Struck::Hit)
}

async fn during(site: &Site, rng: &mut StdRng, mode: Mode) {
    set(site, mode);
    // Connections that are kept from before would go on as if nothing were wrong.
    if matches!(mode, Mode::Answer(_)) {
        cut(site);
    }
    site.suffer(rng).await;
    set(site, Mode::Pass);
    cut(site);
}

fn set(site: &Site, mode: Mode) {
    for member in site.esteira.members() {
        member.store.set(mode);
    }
}

fn cut(site: &Site) {
    for member in site.esteira.members() {
        member.store.cut();
    }
}
