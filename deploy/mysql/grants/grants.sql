-- What each user may do. For a database of your own: create the three users, then run this as an administrator.

-- `strandline db upgrade`
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON strandline.* TO 'strandline_migrate'@'%';

-- sink, scheduler, watcher
GRANT SELECT, INSERT, UPDATE, DELETE ON strandline.* TO 'strandline_write'@'%';

-- api, analysis-service: they read everything, note the requests they take, and keep people's watches.
GRANT SELECT ON strandline.* TO 'strandline_read'@'%';
-- Rights on a table that is not there yet can be given only together with CREATE, which is taken back at once.
GRANT CREATE, INSERT, UPDATE ON strandline.analysis_jobs TO 'strandline_read'@'%';
GRANT CREATE, INSERT, UPDATE, DELETE ON strandline.watches TO 'strandline_read'@'%';
REVOKE CREATE ON strandline.analysis_jobs FROM 'strandline_read'@'%';
REVOKE CREATE ON strandline.watches FROM 'strandline_read'@'%';
