//! How does the process itself stand, and the disk that it works on? Read at each scrape from /proc and the file system.
//!
//! The names of the process are those that every client of Prometheus uses.

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Where attempts have their directories, in a process that is a worker.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkDir(Arc<Mutex<Option<PathBuf>>>);

impl WorkDir {
    pub fn set(&self, path: PathBuf) {
        *self.0.lock() = Some(path);
    }
}

impl Collector for WorkDir {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let path = self.0.lock().clone();
        let Some(disk) = path.and_then(|path| rustix::fs::statvfs(&path).ok()) else { return Ok(()) };
        let bytes = |blocks: u64| number(blocks.saturating_mul(disk.f_frsize));
        for (name, help, value) in [
            ("work_dir_free", "Free bytes of the file system where attempts work.", bytes(disk.f_bavail)),
            ("work_dir_size", "Bytes of the file system where attempts work.", bytes(disk.f_blocks)),
        ] {
            let family = encoder.encode_descriptor(name, help, Some(&Unit::Bytes), MetricType::Gauge)?;
            ConstGauge::new(value).encode(family)?;
        }
        Ok(())
    }
}

/// The process.
#[derive(Debug)]
pub(crate) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let seconds = Some(&Unit::Seconds);
        if let Some(cpu) = cpu_seconds() {
            let help = "Processor time of this process, without its children.";
            let family = encoder.encode_descriptor("process_cpu", help, seconds, MetricType::Counter)?;
            ConstCounter::new(cpu).encode(family)?;
        }
        if let Some(bytes) = resident_bytes() {
            let help = "Memory that this process holds.";
            let unit = Some(&Unit::Bytes);
            let family =
                encoder.encode_descriptor("process_resident_memory", help, unit, MetricType::Gauge)?;
            ConstGauge::new(bytes).encode(family)?;
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            let help = "Open descriptors.";
            let family = encoder.encode_descriptor("process_open_fds", help, None, MetricType::Gauge)?;
            ConstGauge::new(i64::try_from(open.count()).unwrap_or(i64::MAX)).encode(family)?;
        }
        Ok(())
    }
}

/// User and system time, fields 14 and 15 of proc_pid_stat(5). The name before them may hold spaces and brackets.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(number(ticks) / number(rustix::param::clock_ticks_per_second()))
}

/// `VmRSS` of proc_pid_status(5), in KiB there.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(number(kib.saturating_mul(1024)))
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and a gauge holds nothing else")]
fn number(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let until = std::time::Instant::now() + std::time::Duration::from_millis(30);
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        assert!(cpu_seconds().unwrap() > 0.0);
        assert!(resident_bytes().unwrap() > 1_000_000.0);
    }
}
