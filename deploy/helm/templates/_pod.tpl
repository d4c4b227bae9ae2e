{{/* What every container of ours has in common. Takes root, role, and database: whose URL it gets, or nothing. */}}

{{- define "strandline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "strandline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "strandline.environment" -}}
{{- $kafka := .root.Values.kafka -}}
- {name: STRANDLINE_KAFKA_BOOTSTRAP, value: {{ required "kafka.bootstrap: host:port,... of your Kafka" $kafka.bootstrap | quote }}}
- {name: STRANDLINE_KAFKA_SECURITY_PROTOCOL, value: {{ $kafka.securityProtocol | quote }}}
{{- if include "strandline.sasl" .root }}
- {name: STRANDLINE_KAFKA_SASL_MECHANISM, value: {{ $kafka.saslMechanism | quote }}}
{{- end }}
{{- if and $kafka.caSecret (include "strandline.kafkaTls" .root) }}
- {name: STRANDLINE_KAFKA_SSL_CAFILE, value: /run/secrets/kafka-ca.crt}
{{- end }}
{{- if and .database .root.Values.database.tls.enabled }}
- {name: STRANDLINE_DATABASE_SSL, value: "true"}
{{- if .root.Values.database.tls.caSecret }}
- {name: STRANDLINE_DATABASE_SSL_CAFILE, value: /run/secrets/database-ca.crt}
{{- end }}
{{- end }}
- {name: STRANDLINE_TOPIC_PARTITIONS, value: {{ $kafka.topicPartitions | quote }}}
- {name: STRANDLINE_TOPIC_REPLICATION, value: {{ $kafka.topicReplication | quote }}}
{{- range $name, $value := .root.Values.settings }}
- {name: STRANDLINE_{{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end -}}

{{- define "strandline.mounts" -}}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* One file of /run/secrets, from one key of one secret. */}}
{{- define "strandline.file" -}}
{{- dict "secret" (dict "name" (index . 0) "items" (list (dict "key" (index . 1) "path" (index . 2)))) | toJson -}}
{{- end -}}

{{- define "strandline.volumes" -}}
{{- $values := .root.Values -}}
{{- $kafka := $values.kafka -}}
{{- $files := list -}}
{{- if .database -}}
{{- $files = append $files (list (index $values.database.secrets .database) "url" "strandline_database_url") -}}
{{- if and $values.database.tls.enabled $values.database.tls.caSecret -}}
{{- $files = append $files (list $values.database.tls.caSecret "ca.crt" "database-ca.crt") -}}
{{- end -}}
{{- end -}}
{{- if include "strandline.sasl" .root -}}
{{- $files = append $files (list $kafka.secret "username" "strandline_kafka_sasl_username") -}}
{{- $files = append $files (list $kafka.secret "password" "strandline_kafka_sasl_password") -}}
{{- end -}}
{{- if and $kafka.caSecret (include "strandline.kafkaTls" .root) -}}
{{- $files = append $files (list $kafka.caSecret "ca.crt" "kafka-ca.crt") -}}
{{- end -}}
{{- if and $values.redis.secret (ne .role "setup") -}}
{{- $files = append $files (list $values.redis.secret "url" "strandline_redis_url") -}}
{{- end -}}
{{- if and $values.api.keysSecret (eq .role "api") -}}
{{- $files = append $files (list $values.api.keysSecret "keys" "strandline_api_keys") -}}
{{- end -}}
{{- $sources := list -}}
{{- range $files }}{{ $sources = append $sources (include "strandline.file" . | fromJson) }}{{ end -}}
- {name: tmp, emptyDir: {}}
- {name: secrets, projected: {defaultMode: 0440, sources: {{ toJson $sources }}}}
{{- end -}}

{{- define "strandline.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
