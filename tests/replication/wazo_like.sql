-- A schema like Wazo's, of the project's own: the same kinds of columns, keys, references and
-- names that matter to the copy, in few tables. Tests and benches fill it.
set role asterisk;
create type public.generic_bsfilter as enum ('no', 'boss', 'secretary');
create type public.dialaction_action as enum ('none', 'user', 'queue', 'extension');
create table public.infos (uuid varchar(38) primary key, wazo_version varchar(64) not null,
  configured boolean not null default false);
create table public.alembic_version (version_num varchar(32) primary key);
create table public.tenant (uuid varchar(36) primary key, slug varchar(10),
  created timestamptz default now());
create table public.userfeatures (id serial primary key, uuid varchar(38) not null unique,
  firstname varchar(128) not null default '', lastname varchar(128) not null default '',
  email varchar(254) unique, tenant_uuid varchar(36) not null references public.tenant,
  callerid varchar(160), ringseconds integer not null default 30,
  enablednd integer not null default 0, enableunc integer not null default 0,
  destunc varchar(128) not null default '', enablerna integer not null default 0,
  destrna varchar(128) not null default '', enablebusy integer not null default 0,
  destbusy varchar(128) not null default '', recorded boolean not null default false,
  bsfilter public.generic_bsfilter not null default 'no', description text not null default '',
  userfield varchar(128) not null default '', loginclient varchar(254) not null default '',
  language varchar(20), created_at timestamp default now());
create table public.linefeatures (id serial primary key, name varchar(128) unique,
  context varchar(79), provisioningid integer not null default 0, description text);
create table public.user_line (user_id integer references public.userfeatures,
  line_id integer references public.linefeatures, main_user boolean not null default true,
  primary key (user_id, line_id));
create table public.extensions (id serial primary key, context varchar(79) not null default '',
  exten varchar(40) not null default '', type varchar(20) not null default 'user',
  typeval varchar(255) not null default '', unique (exten, context));
create table public.line_extension (line_id integer references public.linefeatures,
  extension_id integer references public.extensions, main boolean,
  primary key (line_id, extension_id));
create table public.endpoint_sip (uuid uuid primary key, label text, name text unique,
  tenant_uuid varchar(36) references public.tenant, template boolean default false);
create table public.endpoint_sip_section (uuid uuid primary key, type varchar(20) not null,
  endpoint_sip_uuid uuid references public.endpoint_sip);
create table public.endpoint_sip_section_option (uuid uuid primary key, key text not null,
  value text not null, endpoint_sip_section_uuid uuid references public.endpoint_sip_section);
create table public.queuefeatures (id serial primary key, name varchar(128) not null unique,
  displayname varchar(128), waittime integer, ratio double precision);
create table public.trunkfeatures (id serial primary key, description text,
  outgoing_caller_id_format text, registry_id integer);
create table public.incall (id serial primary key, description text, main boolean);
create table public.dialaction (event varchar(40), category varchar(40), categoryval varchar(128),
  action public.dialaction_action not null, actionarg1 varchar(255), actionarg2 varchar(255),
  primary key (event, category, categoryval));
create table public.func_key_mapping (template_id integer, func_key_id integer, position integer
  not null, label varchar(128), inherited boolean default true, primary key (template_id, position));
create table public.voicemail (id serial primary key, mailbox varchar(40) not null, context
  varchar(79) not null, password varchar(80), options varchar[] default '{}', deliver interval,
  quota bigint, opens time, unique (mailbox, context));
create table public.moh (uuid uuid primary key, name text not null, label text, document json,
  picture bytea, page xml);
create table public.schedule_time (id serial primary key, hours varchar(512),
  length integer generated always as (char_length(hours)) stored);
create table public.pickup_note (note text, amount integer);
create table public.stats_conf (id serial primary key, name varchar(64) not null);
create table public.auth_tenant (uuid varchar(38) primary key, name text, slug varchar(10));
create table public.auth_user (uuid varchar(38) primary key, username varchar(256) unique,
  password_hash text, tenant_uuid varchar(38) not null references public.auth_tenant);
create table public.auth_refresh_token (uuid varchar(36) primary key, user_uuid varchar(38)
  references public.auth_user on delete cascade, metadata json not null default '{}');
create table public.auth_session (uuid varchar(36) primary key, mobile boolean not null
  default false, tenant_uuid varchar(38) not null references public.auth_tenant on delete cascade);
create table public.auth_token (uuid varchar(38) primary key, auth_id text not null,
  session_uuid varchar(36) not null references public.auth_session on delete cascade,
  refresh_token_uuid varchar(36) references public.auth_refresh_token on delete set null,
  acl text[] not null default '{}');
create table public.cel (id serial primary key, eventtype varchar(30) not null, uniqueid varchar(150));
create table public.queue_log (id serial primary key, time varchar(80), event varchar(60));
create table public.stat_queue (id serial primary key, name varchar(128) not null);
create table public.call_logd_tenant (uuid uuid primary key);
create table public.call_logd_retention (tenant_uuid uuid primary key
  references public.call_logd_tenant, cdr_days integer);
create table public.call_logd_call_log (id serial primary key, tenant_uuid uuid not null
  references public.call_logd_tenant, date timestamptz not null default now());
create sequence public.loose_numbers;
reset role;
