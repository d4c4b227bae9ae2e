-- Grants of the three database users. For an existing database: create the users, then run this as an administrator.

-- `strandline db upgrade`
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON strandline.* TO 'strandline_migrate'@'%';

-- sink, scheduler, feed, watcher, tracker, notifier
GRANT SELECT, INSERT, UPDATE, DELETE ON strandline.* TO 'strandline_write'@'%';

-- api, analysis-service, prices: they read everything; the API records accepted requests,
-- stores watches, subscriptions of browsers and changes of the watchlist, and requests tests of targets.
GRANT SELECT ON strandline.* TO 'strandline_read'@'%';
-- Grants on a table that does not exist yet require CREATE, which is revoked at once.
GRANT CREATE, INSERT, UPDATE ON strandline.analysis_jobs TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.watches TO 'strandline_read'@'%';
GRANT CREATE, UPDATE ON strandline.notification_targets TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.watchlist_changes TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.standing_members TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.standing_watches TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.push_subscriptions TO 'strandline_read'@'%';
REVOKE CREATE ON strandline.analysis_jobs FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.watches FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.notification_targets FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.watchlist_changes FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.standing_members FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.standing_watches FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.push_subscriptions FROM 'strandline_read'@'%';
