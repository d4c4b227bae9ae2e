{{/* What the objects of a release are called. Names have at most 52 characters: KEDA and Kubernetes add to them, up to 63. */}}

{{- define "strandline.base" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "strandline.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "strandline.base" .) .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "strandline.base" .) -}}
{{- end -}}
{{- end -}}

{{/* Takes root and role. A name that is too long loses its middle, and gets a hash so that it stays unique. */}}
{{- define "strandline.name" -}}
{{- $full := include "strandline.fullname" .root -}}
{{- $name := printf "%s-%s" $full .role -}}
{{- if gt (len $name) 52 -}}
{{- $room := int (sub 42 (len .role)) -}}
{{- $name = printf "%s-%s-%s" ($full | trunc $room | trimSuffix "-") (sha256sum $full | trunc 8) .role -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "strandline.selector" -}}
app.kubernetes.io/name: {{ include "strandline.base" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "strandline.labels" -}}
{{ include "strandline.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Name, labels and annotations of an object. Takes root, role, and annotations of its own. */}}
{{- define "strandline.metadata" -}}
name: {{ include "strandline.name" . }}
labels: {{ include "strandline.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.annotations }}
annotations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "strandline.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "strandline.serviceAccount" -}}
{{- $account := .Values.serviceAccount -}}
{{- if $account.create }}{{ $account.name | default (include "strandline.name" (dict "root" . "role" "account")) }}{{ else }}{{ $account.name }}{{ end -}}
{{- end -}}

{{- define "strandline.sasl" -}}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}true{{ end -}}
{{- end -}}

{{- define "strandline.kafkaTls" -}}
{{- if hasSuffix "SSL" .Values.kafka.securityProtocol }}true{{ end -}}
{{- end -}}
