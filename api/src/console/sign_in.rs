//! Where may people who use the console sign in, besides by API keys?

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::state::ApiState;

/// The application of the trusted issuer that the page is: a public client, with the authorization code flow and PKCE.
#[derive(Debug, Clone, Serialize)]
pub struct ConsoleSignIn {
    /// Its id at the issuer.
    pub client_id: String,
    /// The issuer's `authorization_endpoint`.
    pub authorize_url: String,
    /// The issuer's `token_endpoint`.
    pub token_url: String,
    /// The scopes that are asked for.
    pub scope: String,
    /// The token that is shown to the API: `id` or `access`.
    pub token: String,
}

/// What the page has to know before anybody has signed in.
#[derive(Serialize)]
pub(super) struct Settings {
    version: &'static str,
    sign_in: Option<ConsoleSignIn>,
}

pub(super) async fn settings(State(state): State<ApiState>) -> Json<Settings> {
    Json(Settings { version: env!("CARGO_PKG_VERSION"), sign_in: state.options.console_sign_in.clone() })
}
