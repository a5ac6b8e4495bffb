//! Workbooks of Excel, in its three formats.

pub mod xls;
pub mod xlsb;
pub mod xlsx;
