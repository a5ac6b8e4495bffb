//! Workbooks of Excel, in its three formats.

mod binary;
pub mod xls;
pub mod xlsb;
pub mod xlsx;
