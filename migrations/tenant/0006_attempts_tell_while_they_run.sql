-- What an attempt tells while it runs: its log grows with it, and its newest progress has a place among its sentences, so
-- that whoever follows the job learns of each once and in order.

alter table attempts
    -- The number of the newest progress among all that the attempt reported, sentences included; theirs are in the log:
    -- [{"number", "after_ms", "level", "message"}].
    add column report integer,
    -- How long after the beginning of the attempt it came.
    add column report_ms bigint;
