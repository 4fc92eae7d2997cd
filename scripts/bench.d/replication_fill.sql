-- Fills every table of schema public for :users users, whatever its columns are: psql -v users=N.
-- Each value follows from the row's number, so that keys are unique and both servers of a bench get
-- the same data. Tables without a line here get 20 rows. Foreign keys are not looked at, and CHECK
-- constraints, which no generator could guess, are dropped.
set session_replication_role = replica;
set client_min_messages = warning;
set bench.users = :users;

create or replace function pg_temp.share(name text) returns numeric language sql as $$
  select coalesce((select factor from (values
    ('userfeatures', 1), ('linefeatures', 1), ('user_line', 1), ('extensions', 1.2),
    ('line_extension', 1), ('endpoint_sip', 1), ('endpoint_sip_section', 3),
    ('endpoint_sip_section_option', 12), ('endpoint_sip_template', 2), ('func_key_template', 1),
    ('func_key', 1), ('func_key_dest_user', 1), ('func_key_mapping', 4), ('dialaction', 9),
    ('voicemail', 0.5), ('contextmember', 1), ('callerid', 1), ('rightcallmember', 0.5),
    ('queuemember', 0.2), ('agentfeatures', 0.1), ('schedule_path', 0.2), ('pickupmember', 0.5),
    ('phone_number', 1), ('user_external_app', 0.5), ('callfiltermember', 0.2), ('incall', 0.2),
    ('paginguser', 0.2), ('switchboard_member_user', 0.1), ('staticvoicemail', 0.5),
    ('auth_user', 1), ('auth_email', 1), ('auth_user_policy', 1),
    ('func_key_dest_forward', 1), ('func_key_dest_service', 1), ('meeting_owner', 1),
    ('blocklist', 1), ('blocklist_user', 1), ('blocklist_number', 2), ('usercustom', 0.2)
  ) f (t, factor) where t = name), 0)
$$;

create or replace function pg_temp.expression(type text, kind "char", length int, of_type oid)
returns text language sql as $$
  select case
    when kind = 'e' then format('%L::%s', (select enumlabel from pg_enum where enumtypid = of_type
      order by enumsortorder limit 1), type)
    when type like '%[]' then format('array[''v'' || i]::%s', type)
    when type in ('integer', 'bigint') then 'i'
    when type = 'smallint' then '(i %% 30000)::smallint'
    when type = 'boolean' then '(i %% 3 = 0)'
    when type = 'uuid' then 'md5(i::text)::uuid'
    when type like 'character varying%' or type = 'text' then
      format('left(''v'' || i || %L, %s)', case when coalesce(length, 99) > 20 then '-value' else '' end,
        coalesce(length, 99))
    when type like 'timestamp%' then format('(timestamp ''2026-01-01'' + i * interval ''1 s'')::%s', type)
    when type like 'time %' then '(time ''08:00'')::' || type
    when type = 'interval' then 'i * interval ''1 s'''
    when type = 'json' or type = 'jsonb' then format('''{}''::%s', type)
    when type = 'double precision' then 'i / 8.0'
    when type = 'bytea' then 'decode(md5(i::text), ''hex'')'
    when type = 'xml' then '''<a/>''::xml'
    else format('null::%s', type) end
$$;

do $$
declare
  t record;
begin
  for t in select conrelid::regclass as tbl, conname from pg_constraint
    where contype = 'c' and connamespace = 'public'::regnamespace
  loop
    execute format('alter table %s drop constraint %I', t.tbl, t.conname);
  end loop;
end $$;

do $$
declare
  t record;
  wanted int;
  columns text;
  expressions text;
begin
  for t in select oid, relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
  loop
    wanted := greatest(20, (pg_temp.share(t.relname) * current_setting('bench.users')::int)::int);
    if t.relname in ('infos', 'alembic_version', 'alembic_version_auth') then wanted := 1; end if;
    select string_agg(format('%I', attname), ', ' order by attnum),
      string_agg(replace(pg_temp.expression(format_type(atttypid, atttypmod), typtype,
        case when atttypmod > 4 and typname = 'varchar' then atttypmod - 4 end, atttypid), '%%', '%'),
        ', ' order by attnum)
    into columns, expressions
    from pg_attribute a join pg_type y on y.oid = a.atttypid
    where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated = ''
      and (attnotnull or attnum <= 12);
    begin
      execute format('delete from public.%I', t.relname);
      execute format('insert into public.%I (%s) select %s from generate_series(1, %s) i', t.relname,
        columns, expressions, wanted);
    exception when others then
      raise warning 'not filled: %: %', t.relname, sqlerrm;
    end;
  end loop;
  if to_regclass('public.infos') is not null then update public.infos set configured = true; end if;
  for t in select sequencename from pg_sequences where schemaname = 'public' loop
    perform setval(format('public.%I', t.sequencename), 1000000);
  end loop;
end $$;
