// Package tracker speaks to GitHub as GitHub's Kubernetes controller does (deployment-tracker).
//
// It is not that program: it is written from its documented behaviour (the settings, headers,
// bodies, statuses and waits of https://github.com/github/deployment-tracker, checked 2026-11-20),
// for the controller's own package cannot be had as a Go module everywhere. It leaves out the
// controller's own throttle of three requests a second.
package tracker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Errors that the controller tells apart.
var (
	ErrUnknownArtifact = errors.New("unknown artifact")
	ErrBusy            = errors.New("conflict")
	ErrDropped         = errors.New("refused for good")
	ErrUnsupported     = errors.New("jobs are not supported")
)

const (
	attempts  = 4
	mostBytes = 10 << 20
)

// Record is one container as the controller posts it.
type Record struct {
	Name                string            `json:"name"`
	Digest              string            `json:"digest"`
	Version             string            `json:"version,omitempty"`
	Status              string            `json:"status"`
	DeploymentName      string            `json:"deployment_name"`
	RuntimeRisks        []string          `json:"runtime_risks,omitempty"`
	Tags                map[string]string `json:"tags,omitempty"`
	LogicalEnvironment  string            `json:"logical_environment"`
	PhysicalEnvironment string            `json:"physical_environment"`
	Cluster             string            `json:"cluster"`
	ReturnRecords       bool              `json:"return_records"`
}

// Deployment is a container in the start-up job, which says its environment once.
type Deployment struct {
	Name           string            `json:"name"`
	Digest         string            `json:"digest"`
	Version        string            `json:"version,omitempty"`
	Status         string            `json:"status"`
	DeploymentName string            `json:"deployment_name"`
	RuntimeRisks   []string          `json:"runtime_risks,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
}

// Fault is a container that a job left out.
type Fault struct {
	Name  string `json:"name"`
	Cause string `json:"cause"`
}

// Job is what the gateway says of one.
type Job struct {
	ID         int64   `json:"job_id"`
	Status     string  `json:"status"`
	TotalCount int     `json:"total_count"`
	Errors     []Fault `json:"errors"`
}

// Client posts records. Its waits for a rate limit are shared by all who use it.
type Client struct {
	BaseURL, Org, Token string
	HTTP                http.Client

	lock    sync.Mutex
	resumes time.Time
	waits   int
}

// New takes the controller's BASE_URL: without a scheme it is https, and http is for the loopback.
func New(baseURL, org, token string) (*Client, error) {
	if !strings.Contains(baseURL, "://") {
		baseURL = "https://" + baseURL
	}
	isLocal := strings.HasPrefix(baseURL, "http://localhost") ||
		strings.HasPrefix(baseURL, "http://127.0.0.1") ||
		strings.Contains(baseURL, ".svc.cluster.local")
	if strings.HasPrefix(baseURL, "http://") && !isLocal {
		return nil, errors.New("insecure URL")
	}
	client := &Client{BaseURL: baseURL, Org: org, Token: token}
	client.HTTP.Timeout = 30 * time.Second
	return client, nil
}

// Post records one container.
func (c *Client) Post(ctx context.Context, record Record) error {
	path := "/orgs/" + c.Org + "/artifacts/metadata/deployment-record"
	_, _, err := c.do(ctx, http.MethodPost, path, record)
	return err
}

// Sync submits all that runs in a cluster and waits until it is recorded.
func (c *Client) Sync(
	ctx context.Context, logical, physical, cluster string, running []Deployment,
) (*Job, error) {
	path := "/orgs/" + c.Org + "/artifacts/metadata/deployment-record/cluster/" +
		url.PathEscape(cluster) + "/jobs"
	body := map[string]any{
		"logical_environment":  logical,
		"physical_environment": physical,
		"deployments":          running,
		"partial_success":      true,
	}
	status, raw, err := c.do(ctx, http.MethodPost, path, body)
	if errors.Is(err, ErrUnknownArtifact) {
		return nil, ErrUnsupported
	}
	if err != nil {
		return nil, err
	}
	var job Job
	if err := json.Unmarshal(raw, &job); err != nil || status != http.StatusAccepted {
		return nil, fmt.Errorf("%d is no accepted job: %s", status, raw)
	}
	return c.poll(ctx, fmt.Sprintf("%s/%d", path, job.ID))
}

func (c *Client) poll(ctx context.Context, path string) (*Job, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for pause := time.Duration(0); ; pause = min(max(2*time.Second, 2*pause), 30*time.Second) {
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		_, raw, err := c.do(ctx, http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		var job Job
		if err := json.Unmarshal(raw, &job); err != nil {
			return nil, err
		}
		if job.Status == "completed" || job.Status == "failed" {
			return &job, nil
		}
	}
}

func (c *Client) do(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var last error
	for attempt := range attempts {
		if err := sleep(ctx, backoff(attempt)); err != nil {
			return 0, nil, err
		}
		if err := c.waitForLimit(ctx); err != nil {
			return 0, nil, err
		}
		status, header, raw, err := c.once(ctx, method, path, body)
		switch {
		case err == nil && status < 300:
			return status, raw, nil
		case err == nil && status == http.StatusNotFound:
			return status, raw, ErrUnknownArtifact
		case err == nil && status == http.StatusConflict:
			return status, raw, ErrBusy
		case err == nil && status >= 400 && status < 500:
			if !c.noteLimit(header) {
				return status, raw, fmt.Errorf("%w: %d %s", ErrDropped, status, raw)
			}
		}
		last = fmt.Errorf("%d: %w", status, errors.Join(err, errors.New(string(raw))))
	}
	return 0, nil, last
}

// backoff is the pause before an attempt; a wait for a limit was an attempt too.
func backoff(attempt int) time.Duration {
	if attempt == 0 {
		return 0
	}
	return 100*time.Millisecond<<attempt + rand.N(50*time.Millisecond)
}

func (c *Client) once(
	ctx context.Context, method, path string, body any,
) (int, http.Header, []byte, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, nil, nil, err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.BaseURL+path, content)
	if err != nil {
		return 0, nil, nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	request.Header.Set("User-Agent", "GitHub-Deployment-Tracker")
	response, err := c.HTTP.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	return response.StatusCode, response.Header, raw, err
}

// noteLimit remembers until when everybody waits; false when the answer is about no limit.
func (c *Client) noteLimit(header http.Header) bool {
	after := header.Get("Retry-After")
	isUsedUp := header.Get("X-Ratelimit-Remaining") == "0"
	if after == "" && !isUsedUp {
		return false
	}
	wait := time.Duration(-1)
	if seconds, err := strconv.Atoi(after); err == nil {
		wait = time.Duration(seconds) * time.Second
	}
	if isUsedUp {
		if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			wait = max(wait, time.Until(time.Unix(reset, 0)))
		}
	}
	if wait < 0 {
		wait = time.Minute
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.waits++
	if until := time.Now().Add(wait); until.After(c.resumes) {
		c.resumes = until
	}
	return true
}

// Waits is how often a rate limit made somebody wait.
func (c *Client) Waits() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.waits
}

func (c *Client) waitForLimit(ctx context.Context) error {
	c.lock.Lock()
	pause := time.Until(c.resumes)
	c.lock.Unlock()
	return sleep(ctx, pause)
}

func sleep(ctx context.Context, pause time.Duration) error {
	if pause <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
